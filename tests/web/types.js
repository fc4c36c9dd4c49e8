// `node types.js` writes the .d.ts files of api/static: the API's models from the OpenAPI document,
// and the types of the client and the hooks from their JSDoc. package.test.js checks that the
// committed files are fresh, and that all sources pass TypeScript's checks.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../../api/static");
const committed = join(root, "types");
const openapi = join(here, "../architecture/snapshots/openapi.json");
const packed = ["client/index.js", "react/hooks.js", "react/ui.js"];

const strict = {
  allowJs: true,
  checkJs: true,
  strict: true,
  target: "es2022",
  module: "esnext",
  moduleResolution: "bundler",
  newLine: "lf",
  lib: ["es2022", "dom", "dom.iterable"],
  types: [],
};

/** Writes the types into a folder. Throws when the sources have type errors. */
export async function generate(folder) {
  await writeModels(join(folder, "client/api.d.ts"));
  const react = join(here, "node_modules/@types/react/index.d.ts");
  compile(packed, {
    ...strict,
    declaration: true,
    emitDeclarationOnly: true,
    paths: { react: [react] },
    rootDir: root,
    rootDirs: [root, folder],
    outDir: folder,
  });
}

/** Throws when the page has type errors. Parameters of event handlers may stay without a type. */
export function checkPage() {
  const lax = { noEmit: true, noImplicitAny: false, rootDirs: [root, committed] };
  compile(["page/main.js"], { ...strict, ...lax });
}

/** The names of the committed types that differ from what the sources make. */
export async function stale() {
  const folder = mkdtempSync(join(tmpdir(), "types-"));
  try {
    await generate(folder);
    return all(folder).filter((name) => text(join(folder, name)) !== text(join(committed, name)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function writeModels(path) {
  const { paths, ...models } = JSON.parse(readFileSync(openapi, "utf8"));
  const head = "// Made from the OpenAPI document by `make types`. Do not edit.\n";
  mkdirSync(dirname(path), { recursive: true });
  const schema = { ...models, paths: {} };
  const nodes = await openapiTS(schema, { defaultNonNullable: false }); // a default is optional
  writeFileSync(path, head + astToString(nodes));
}

function compile(files, compilerOptions) {
  const scratch = mkdtempSync(join(tmpdir(), "tsconfig-"));
  const config = { compilerOptions, files: files.map((name) => join(root, name)) };
  writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(here, "node_modules/typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [tsc, "-p", scratch], { stdio: ["ignore", 2, 2] });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function all(folder) {
  return readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".d.ts"));
}

function text(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(committed, { recursive: true, force: true });
  await generate(committed);
}
