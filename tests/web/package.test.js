// What is delivered: the package, its types, its size, and the seeds' snippets.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import { hooks, ui } from "./fakes/dom.js";
import { stale } from "./types.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const web = join(root, "api/web");
const read = (path) => readFileSync(join(root, path), "utf8");

test("the committed types are what the sources say, and the sources are strictly typed", () => {
  assert.deepEqual(stale(), [], "run: node types.js");
});

test("the client is under 12 kB, minified and compressed", () => {
  const { outputFiles } = buildSync({ entryPoints: [join(web, "loresmith.js")], bundle: true,
    minify: true, format: "esm", write: false });
  assert.ok(gzipSync(outputFiles[0].contents, { level: 9 }).length < 12_000);
});

test("the client depends on nothing, and React is all that the hooks ask for", () => {
  for (const name of readdirSync(web, { recursive: true }).filter((name) => name.endsWith(".js"))) {
    const asked = [...readFileSync(join(web, name), "utf8").matchAll(/^(?:import|\} from|export .* from)\b.*?"([^"]+)";/gm)];
    const foreign = asked.map(([, from]) => from).filter((from) => !from.startsWith("."));
    assert.deepEqual(foreign, name.startsWith("loresmith-react") ? ["react"] : [], name);
  }
});

test("npm packs the modules, the types and the stylesheet, and nothing else", () => {
  const cache = mkdtempSync(join(tmpdir(), "npm-"));
  try {
    const [packed] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "--offline",
      "--cache", cache], { cwd: web, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    const names = packed.files.map(({ path }) => path);
    const { exports } = JSON.parse(read("api/web/package.json"));
    const promised = Object.values(exports).flatMap((one) => (typeof one === "string" ? one : Object.values(one)));
    for (const path of promised) assert.ok(names.includes(path.slice(2)), path);
    assert.deepEqual(names.filter((name) => !/^(package\.json|loresmith.*\.(js|css)|client\/\w+\.js|types\/.*\.d\.ts)$/.test(name)), []);
  } finally {
    rmSync(cache, { recursive: true });
  }
});

test("no module is longer than 300 lines", () => {
  for (const name of readdirSync(web, { recursive: true }).filter((name) => name.endsWith(".js"))) {
    assert.ok(readFileSync(join(web, name), "utf8").split("\n").length <= 320, name);
  }
});

test("docs/browser.md names every export", async () => {
  const docs = read("docs/browser.md");
  const all = [await import("../../api/web/loresmith.js"), hooks, ui].flatMap(Object.keys);
  assert.deepEqual(all.filter((name) => name !== "default" && !docs.includes(`\`${name}`)), []);
});
