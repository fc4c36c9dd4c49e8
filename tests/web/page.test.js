// The parts of the page that need no browser: routes, rows, forms, partial JSON, formatting.

import assert from "node:assert/strict";
import { test } from "node:test";

import { parsePartial } from "../../api/static/page/job/partial-json.js";
import { listQuery, link, parse } from "../../api/static/page/lib/router.js";
import {
  visibleRange,
  toRow,
  applyEvent,
  mergeFirstPage,
  newRows,
} from "../../api/static/page/jobs/row-updates.js";
import { NO_OPTIONS, requestOptions } from "../../api/static/page/jobs/advanced-options.js";
import {
  initialValues,
  errorsByField,
  fieldsOf,
  payloadOf,
} from "../../api/static/page/jobs/schema-fields.js";
import {
  ago,
  between,
  curl,
  duration,
  remainingTime,
  money,
  words,
} from "../../api/static/page/lib/text.js";

test("parse and link are inverse", () => {
  for (const search of [
    "",
    "?view=system",
    "?status=failed&type=a&session=s+1&q=x%26y",
    "?job=7&tab=json",
    "?new=create_world",
    "?new=",
  ]) {
    assert.equal(link(parse(search)), `./${search}`);
  }
  assert.equal(parse("?view=nonsense").view, "jobs");
  assert.equal(link(parse("?job=7&new=a")), "./?job=7");
});

test("filters become query parameters, without empty ones", () => {
  assert.deepEqual(listQuery(parse("?status=active&session=s&q=++").filters), {
    status: "active",
    session_id: "s",
  });
});

const row = (id, created, more = {}) => ({
  ...toRow({ id, type: "t", status: "processing", progress: 30, message: "", created_at: created }),
  ...more,
});

test("an event moves a row forward, never back", () => {
  const running = row("a", "1");
  assert.equal(applyEvent(running, { progress: 20 }).progress, 30);
  assert.equal(applyEvent(running, { progress: 40, source: "items" }).progress, 40);
  const done = applyEvent(running, { status: "completed", progress: 100 });
  assert.equal(applyEvent(done, { status: "processing", progress: 50 }), done);
  assert.equal(
    applyEvent({ ...done, attempt: 2 }, { attempt: 1, status: "failed" }).status,
    "completed",
  );
  assert.deepEqual(
    [
      applyEvent(done, { attempt: 2, status: "pending" }).status,
      applyEvent(done, { attempt: 2, status: "pending" }).progress,
    ],
    ["pending", 0],
  );
});

test("a refreshed first page adds new rows, removes deleted ones and keeps those below", () => {
  const rows = ["5", "4", "3", "2", "1"].map((at) => row(at, at));
  const next = mergeFirstPage(rows, [row("6", "6"), row("5", "5"), row("3", "3")], false);
  assert.deepEqual(
    next.map(({ id }) => id),
    ["6", "5", "3", "2", "1"],
  );
  assert.deepEqual(
    mergeFirstPage(rows, [row("9", "9")], true).map(({ id }) => id),
    ["9"],
  );
  assert.deepEqual(
    newRows(rows, [row("6", "6"), row("5", "5")]).map(({ id }) => id),
    ["6"],
  );
});

test("only rows in the viewport are drawn", () => {
  assert.deepEqual(visibleRange({ top: 0, height: 680, row: 68, count: 10_000 }), {
    first: 0,
    last: 18,
  });
  assert.deepEqual(visibleRange({ top: 6800, height: 680, row: 68, count: 10_000 }), {
    first: 92,
    last: 118,
  });
  assert.deepEqual(visibleRange({ top: 9e9, height: 680, row: 68, count: 3 }), {
    first: 3,
    last: 3,
  });
});

test("partial JSON is parsed as far as it goes", () => {
  const whole = {
    relics: [
      { name: 'A "bell"', age: 7, marks: ["x", "y"] },
      { name: "B", ok: true, none: null },
    ],
  };
  const text = JSON.stringify(whole);
  for (let end = 0; end <= text.length; end += 1) {
    const shown = parsePartial(text.slice(0, end));
    if (end > 12) assert.ok(Array.isArray(shown.relics), text.slice(0, end));
  }
  assert.deepEqual(parsePartial(text), whole);
  assert.deepEqual(parsePartial('{"a": "one\\'), { a: "one" });
  assert.deepEqual(parsePartial('{"a": "\\u00e'), { a: "" });
  assert.deepEqual(parsePartial('```json\n{"a": 1}\n```'), { a: 1 });
  assert.equal(parsePartial("Once upon"), undefined);
});

const SCHEMA = {
  $defs: {
    Mood: { enum: ["calm", "wild"] },
    Place: {
      type: "object",
      properties: { name: { type: "string" }, depth: { type: "integer", default: 2 } },
      required: ["name"],
    },
  },
  properties: {
    theme: { type: "string", maxLength: 500, description: "About" },
    tone: { anyOf: [{ type: "string" }, { type: "null" }], default: null },
    world: { type: "string", maxLength: 20_000 },
    count: { type: "integer", minimum: 1, maximum: 10, default: 3 },
    mood: { $ref: "#/$defs/Mood" },
    names: { type: "array", items: { type: "string" }, maxItems: 4 },
    place: { anyOf: [{ $ref: "#/$defs/Place" }, { type: "null" }] },
    loud: { type: "boolean" },
    extra: { type: "object" },
  },
  required: ["theme"],
};

test("a schema becomes fields, and fields become a payload", () => {
  const fields = fieldsOf(SCHEMA, { theme: "salt" });
  assert.deepEqual(
    fields.map(({ kind }) => kind),
    ["text", "text", "long", "integer", "choice", "list", "group", "yesno", "json"],
  );
  assert.deepEqual([fields[3].min, fields[3].max, fields[5].maxSize], [1, 10, 4]);
  const values = initialValues(fields);
  assert.deepEqual(payloadOf(fields, values), { theme: "salt", count: 3, loud: false });
  const filled = {
    ...values,
    count: "7",
    mood: "wild",
    names: ["a", "", "b"],
    place: { name: "pit", depth: "9" },
    extra: '{"x": [1]}',
  };
  assert.deepEqual(payloadOf(fields, filled), {
    theme: "salt",
    count: 7,
    mood: "wild",
    names: ["a", "b"],
    place: { name: "pit", depth: 9 },
    loud: false,
    extra: { x: [1] },
  });
  assert.throws(() => payloadOf(fields, { ...values, extra: "{" }), /Invalid JSON in Extra/);
});

test("only the chosen options of a new job are sent", () => {
  assert.deepEqual(requestOptions(NO_OPTIONS), {});
  assert.deepEqual(requestOptions({ ...NO_OPTIONS, priority: "batch", cache: "use" }), {
    options: { priority: "batch", cache: "use" },
  });
});

test("validation errors are assigned to their fields", () => {
  assert.deepEqual(
    errorsByField([
      { pointer: "/payload/theme", detail: "no" },
      { pointer: "/payload/place/name", detail: "x" },
    ]),
    { theme: "no", "place.name": "x" },
  );
});

test("numbers and times are formatted for people", () => {
  assert.deepEqual([0.01, 4.25, 41.4, 95, 120, 3700].map(duration), [
    "10 ms",
    "4.3 s",
    "41 s",
    "1 min 35 s",
    "2 min",
    "1 h 1 min",
  ]);
  assert.deepEqual(
    [0, 0.00012, 0.0123, 3.1, null, "nonsense"].map((amount) => money(amount)),
    ["$0.00", "$0.00012", "$0.012", "$3.10", "unknown", "unknown"],
  );
  assert.equal(ago("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:03:10Z")), "3 min ago");
  assert.equal(between("2026-01-01T00:00:00Z", null), null);
  assert.equal(remainingTime({ p50: 9, p90: 21 }, 2000), "about 7 s to 19 s left");
  assert.equal(remainingTime({ p50: 9, p90: 21 }, 60_000), "almost done");
  assert.equal(words("generate_characters"), "Generate characters");
});

test("a curl command escapes quotes", () => {
  assert.equal(
    curl("POST", "http://h/jobs", { theme: "it's" }),
    "curl -X POST 'http://h/jobs' \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"theme\":\"it'\\''s\"}'",
  );
});
