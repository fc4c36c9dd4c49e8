// `node format.js` formats all JavaScript of the project; `node format.js --check` only checks it.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const SOURCES = [
  "api/static/{client,react,page}/**/*.{js,css}",
  "api/static/*.{css,json}",
  "examples/react/*.{js,jsx}",
  "tests/web/*.{js,json}",
  "tests/web/fakes/*.js",
].map((glob) => `${here}../../${glob}`);

const mode = process.argv.includes("--check") ? "--check" : "--write";
const prettier = `${here}node_modules/prettier/bin/prettier.cjs`;
try {
  const options = ["--config", `${here}.prettierrc.json`, "--log-level", "warn"];
  execFileSync(process.execPath, [prettier, ...options, mode, ...SOURCES], { stdio: "inherit" });
} catch {
  process.exit(1);
}
