// `node bundle.js` bundles the sources of api/static into the files that are served and packed.
// package.test.js checks that the committed bundles are fresh.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../api/static", import.meta.url));

const CLIENT = { source: "client/index.js", output: "loresmith.js" };
const HOOKS = { source: "react/hooks.js", output: "loresmith-react.js" };
const COMPONENTS = { source: "react/ui.js", output: "loresmith-react-ui.js" };
const PAGE = {
  source: "page/main.js",
  output: "page.js",
  note: " Contains Preact (MIT) and htm (Apache-2.0): licences in vendor/.",
};

/** Each bundle, and the bundles it imports instead of containing a second copy of their code. */
const BUNDLES = [
  { ...CLIENT, imports: [] },
  { ...HOOKS, imports: [CLIENT] },
  { ...COMPONENTS, imports: [CLIENT, HOOKS] },
  { ...PAGE, imports: [] },
];

/** The text of every bundle, by output name. */
export async function bundles() {
  const texts = await Promise.all(BUNDLES.map(bundle));
  return Object.fromEntries(BUNDLES.map(({ output }, i) => [output, texts[i]]));
}

/** The names of committed bundles that differ from what their sources make. */
export async function stale() {
  const fresh = Object.entries(await bundles());
  return fresh.filter(([name, text]) => text !== committed(name)).map(([name]) => name);
}

async function bundle({ source, imports, note = "" }) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [source],
    bundle: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    minifyWhitespace: true, // names stay, for stack traces
    minifySyntax: true,
    lineLimit: 100,
    external: ["react"],
    plugins: [importing(imports)],
    banner: { js: `// Made from ${source} by \`make bundle\`. Do not edit.` },
    write: false,
  });
  return outputFiles[0].text;
}

/** Keeps imports of other bundles' sources as imports of those bundles. */
const importing = (others) => ({
  name: "other-bundles",
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const other = others.find(({ source }) => join(root, source) === join(resolveDir, path));
      return other && { path: `./${other.output}`, external: true };
    });
  },
});

function committed(name) {
  try {
    return readFileSync(join(root, name), "utf8");
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(await bundles())) writeFileSync(join(root, name), text);
}
