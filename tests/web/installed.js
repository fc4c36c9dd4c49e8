// The npm package as a user gets it: packed, and installed without a network.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(new URL("../../api/static", import.meta.url));
const modules = fileURLToPath(new URL("node_modules", import.meta.url));
const PEERS = ["react", "react-dom", "scheduler", "csstype", "@types/react"];

/** Installs the packed package into a new folder, beside React and its types; returns the folder. */
export function install(folder = mkdtempSync(join(tmpdir(), "installed-"))) {
  const quiet = { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
  const offline = ["--offline", "--cache", join(folder, "cache"), "--ignore-scripts"];
  const pack = ["pack", "--json", "--pack-destination", folder, ...offline];
  const [{ filename }] = JSON.parse(execFileSync("npm", pack, { cwd: web, ...quiet }));
  writeFileSync(join(folder, "package.json"), '{"private": true, "type": "module"}');
  const add = ["install", `./${filename}`, "--no-audit", "--no-fund", ...offline];
  execFileSync("npm", add, { cwd: folder, ...quiet });
  mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
  for (const name of PEERS) symlinkSync(join(modules, name), join(folder, "node_modules", name));
  return folder;
}

/** Compiles files of the folder with `tsc --strict`, and without skipLibCheck; returns its errors. */
export function typeErrors(folder, files, moduleResolution = "bundler") {
  const node = moduleResolution === "nodenext";
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "es2022",
    module: node ? "nodenext" : "esnext",
    moduleResolution,
    jsx: "react-jsx",
    lib: ["es2022", "dom", "dom.iterable"],
    types: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const tsc = join(modules, "typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    return "";
  } catch (error) {
    return error.stdout;
  }
}
