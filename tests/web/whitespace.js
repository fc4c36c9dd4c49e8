// Finds spaces that htm drops although HTML would show them: where a line breaks between words and
// a value or a tag. Prettier breaks lines there; write ${" "} at the end of such a line.

import ts from "typescript";

/** The places in a source, as "line: text". */
export function droppedSpaces(source) {
  const file = ts.createSourceFile(
    "page.js",
    source,
    ts.ScriptTarget.Latest,
    true,
    ts.ScriptKind.JS,
  );
  const places = [];
  const visit = (node) => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText(file) === "html") {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      places.push(...dropped(node.template).map((text) => `${line + 1}: ${text}`));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return places;
}

const VALUE = "\u0001";
const INLINE = "<(?:b|code|a|span|button|time|kbd)\\b";
const AFTER_WORDS = new RegExp(`[^\\s<>${VALUE}]\\s*\\n\\s*(?=${VALUE}|${INLINE})`, "g");
const BEFORE_WORDS = new RegExp(`(?:${VALUE}|</\\w+>)\\s*\\n\\s*(?=[^\\s<${VALUE}])`, "g");

/** Line breaks next to words, outside of tags. */
function dropped(template) {
  const text = outsideTags(whole(template));
  return [...text.matchAll(AFTER_WORDS), ...text.matchAll(BEFORE_WORDS)].map(({ index }) =>
    text
      .slice(Math.max(0, index - 30), index + 1)
      .trim()
      .replaceAll(VALUE, "${…}"),
  );
}

/** The template with a mark for each value; `${" "}` and the like stand for themselves. */
function whole(template) {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return template.text;
  const parts = template.templateSpans.map(({ expression, literal }) => {
    const fixed = ts.isStringLiteral(expression)
      ? expression.text.replaceAll(" ", "<!-- -->")
      : VALUE;
    return fixed + literal.text;
  });
  return template.head.text + parts.join("");
}

/** Attributes are taken out of the tags: line breaks between them mean nothing. */
function outsideTags(text) {
  return text.replace(/<(\/?)([\w\u0001/]+)[^<>]*>/g, "<$1$2>");
}
