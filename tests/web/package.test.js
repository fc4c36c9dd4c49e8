// The npm package: its bundles, its types, its size and its format.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { hooks, ui } from "./fakes/dom.js";
import { stale as staleBundles } from "./bundle.js";
import { checkPage, stale as staleTypes } from "./types.js";
import { droppedSpaces } from "./whitespace.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const web = join(root, "api/static");
const read = (path) => readFileSync(join(root, path), "utf8");

test("the committed types are what the sources make, and the sources pass strict checks", async () => {
  assert.deepEqual(await staleTypes(), [], "run `make types`");
});

test("the page has no type errors", () => {
  checkPage();
});

test("the committed bundles are what the sources make", async () => {
  assert.deepEqual(await staleBundles(), [], "run `make bundle`");
});

test("a bundle exports what its source exports", async () => {
  const pairs = [
    ["loresmith", "client/index"],
    ["loresmith-react", "react/hooks"],
    ["loresmith-react-ui", "react/ui"],
  ];
  for (const [bundle, source] of pairs) {
    const [one, other] = await Promise.all(
      [bundle, source].map((name) => import(`../../api/static/${name}.js`)),
    );
    assert.deepEqual(Object.keys(one), Object.keys(other), bundle);
  }
});

test("the client is under 12 kB, compressed", () => {
  assert.ok(gzipSync(readFileSync(join(web, "loresmith.js")), { level: 9 }).length < 12_000);
});

test("the client has no dependency, the hooks only React", () => {
  for (const name of readdirSync(web, { recursive: true }).filter((name) =>
    /[/].*[.]js$/.test(name),
  )) {
    const imports = [
      ...readFileSync(join(web, name), "utf8").matchAll(
        /^(?:import|\} from|export .* from)\b.*?"([^"]+)";/gm,
      ),
    ];
    const foreign = imports.map(([, from]) => from).filter((from) => !from.startsWith("."));
    assert.deepEqual(foreign, name.startsWith("react/") ? ["react"] : [], name);
  }
});

test("npm packs the modules, the types and the stylesheet, and nothing else", () => {
  const cache = mkdtempSync(join(tmpdir(), "npm-"));
  try {
    const [packed] = JSON.parse(
      execFileSync(
        "npm",
        ["pack", "--dry-run", "--json", "--ignore-scripts", "--offline", "--cache", cache],
        { cwd: web, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
      ),
    );
    const names = packed.files.map(({ path }) => path);
    const { exports } = JSON.parse(read("api/static/package.json"));
    const promised = Object.values(exports).flatMap((one) =>
      typeof one === "string" ? one : Object.values(one),
    );
    for (const path of promised) assert.ok(names.includes(path.slice(2)), path);
    assert.deepEqual(
      names.filter(
        (name) => !/^(package\.json|loresmith.*\.(js|css)|types\/.*\.d\.ts)$/.test(name),
      ),
      [],
    );
  } finally {
    rmSync(cache, { recursive: true });
  }
});

const sources = readdirSync(web, { recursive: true }).filter((name) =>
  /^(client|react|page)[/].*[.]js$/.test(name),
);

test("no module is longer than 300 lines, and no line than 100 characters", () => {
  for (const name of sources) {
    const lines = readFileSync(join(web, name), "utf8").split("\n");
    assert.ok(lines.length <= 300, name);
    assert.deepEqual(
      lines.filter((line) => line.length > 100),
      [],
      name,
    );
  }
});

test("all JavaScript is formatted by prettier", () => {
  const { status, stderr } = spawnSync(process.execPath, ["format.js", "--check"], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    encoding: "utf8",
  });
  assert.equal(status, 0, `run \`make format\`: ${stderr}`);
});

test("no line break in a template of the page drops a space", () => {
  for (const name of sources) {
    assert.deepEqual(droppedSpaces(readFileSync(join(web, name), "utf8")), [], name);
  }
});

test("a dropped space is found", () => {
  const wrong = ["<p>at most\n ${x}</p>", "<p>${x}\n left</p>", "<p>at most\n <b>1</b></p>"];
  for (const text of wrong) assert.equal(droppedSpaces(`html\`${text}\``).length, 1, text);
  const right = ["<p>at most${' '}\n ${x}</p>", "<p\n a=${x}\n b>at most</p>", "<p>\n text\n</p>"];
  for (const text of right) assert.deepEqual(droppedSpaces(`html\`${text}\``), [], text);
});

test("docs/browser.md names every export", async () => {
  const docs = read("docs/browser.md");
  const all = [await import("../../api/static/client/index.js"), hooks, ui].flatMap(Object.keys);
  assert.deepEqual(
    all.filter((name) => name !== "default" && !docs.includes(`\`${name}`)),
    [],
  );
});
