// Serves the example on loopback, and forwards all other requests to the server.

import { readFileSync } from "node:fs";
import http from "node:http";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const server = new URL(process.argv[2] ?? "http://127.0.0.1:8080");
const port = Number(process.env.PORT ?? 5173);
const web = here("../../api/static");

const [app] = buildSync({
  entryPoints: [here("app.jsx")],
  bundle: true,
  format: "esm",
  jsx: "automatic",
  write: false,
  nodePaths: [here("node_modules")],
  alias: {
    "loresmith/react": `${web}/loresmith-react.js`,
    "loresmith/react-ui": `${web}/loresmith-react-ui.js`,
  },
}).outputFiles;

const FILES = {
  "/": ["text/html; charset=utf-8", readFileSync(here("index.html"))],
  "/app.js": ["text/javascript; charset=utf-8", app.contents],
  "/loresmith.css": ["text/css; charset=utf-8", readFileSync(`${web}/loresmith.css`)],
};

function forward(request, response) {
  const { method, url: path, headers } = request;
  const { hostname, port, host } = server;
  const forwarded = http.request(
    { hostname, port, method, path, headers: { ...headers, host } },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    },
  );
  forwarded.on("error", () =>
    response.headersSent ? response.destroy() : response.writeHead(502).end(),
  );
  response.on("close", () => forwarded.destroy());
  request.pipe(forwarded);
}

http
  .createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://here");
    const file = FILES[pathname];
    if (!file) return forward(request, response);
    return response.writeHead(200, { "Content-Type": file[0] }).end(file[1]);
  })
  .listen(port, "127.0.0.1", () =>
    console.log(`http://127.0.0.1:${port}, jobs at ${server.origin}`),
  );
