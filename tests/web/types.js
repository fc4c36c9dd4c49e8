// `node types.js` writes the .d.ts files of api/web anew, and holds the sources to the strict rules
// of TypeScript. package.test.js asks whether the committed ones are fresh.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const web = join(here, "../../api/web");
const committed = join(web, "types");
const sources = ["loresmith", "loresmith-react", "loresmith-react-ui"].map((name) => join(web, `${name}.js`));

/** Writes the types into a folder. Throws when the sources break a rule. */
export function generate(folder) {
  const scratch = mkdtempSync(join(tmpdir(), "tsconfig-"));
  const react = join(here, "node_modules/@types/react/index.d.ts");
  const compilerOptions = {
    allowJs: true, checkJs: true, strict: true, declaration: true, emitDeclarationOnly: true,
    target: "es2022", module: "esnext", moduleResolution: "bundler", newLine: "lf",
    lib: ["es2022", "dom", "dom.iterable"], types: [], paths: { react: [react] },
    rootDir: web, outDir: folder,
  };
  writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify({ compilerOptions, files: sources }));
  const tsc = join(here, "node_modules/typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [tsc, "-p", scratch], { stdio: ["ignore", 2, 2] });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** The names of the committed types that are not what the sources say. */
export function stale() {
  const folder = mkdtempSync(join(tmpdir(), "types-"));
  try {
    generate(folder);
    return all(folder).filter((name) => text(join(folder, name)) !== text(join(committed, name)));
  } finally {
    rmSync(folder, { recursive: true });
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
  generate(committed);
}
