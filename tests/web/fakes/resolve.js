// Resolves React, a peer dependency of api/static, from this folder.

const here = new URL("../package.json", import.meta.url).href;

export function resolve(specifier, context, next) {
  const bare = /^react(-dom)?(\/|$)/.test(specifier);
  return next(specifier, bare ? { ...context, parentURL: here } : context);
}
