// The parts of the page that need no browser: addresses, rows, forms, and text that is half written.

import assert from "node:assert/strict";
import { test } from "node:test";

import { sofar } from "../../api/web/page/lenient.js";
import { asked, link, parse } from "../../api/web/page/router.js";
import { inSight, light, patched, refreshed, unknown } from "../../api/web/page/rows.js";
import { beginning, complaints, fieldsOf, payloadOf } from "../../api/web/page/schema.js";
import { ago, between, curl, duration, left, money, words } from "../../api/web/page/text.js";

test("an address and what it shows are the same thing", () => {
  for (const search of ["", "?view=system", "?status=failed&type=a&session=s+1&q=x%26y", "?job=7&tab=json", "?new=create_world", "?new="]) {
    assert.equal(link(parse(search)), `/${search}`);
  }
  assert.equal(parse("?view=nonsense").view, "jobs");
  assert.equal(link(parse("?job=7&new=a")), "/?job=7");
});

test("filters travel in the words of the server, and only those that are set", () => {
  assert.deepEqual(asked(parse("?status=active&session=s&q=++").filters), { status: "active", session_id: "s" });
});

const row = (id, created, more = {}) => ({ ...light({ id, type: "t", status: "processing", progress: 30, message: "", created_at: created }), ...more });

test("an update moves a row on, and never back", () => {
  const running = row("a", "1");
  assert.equal(patched(running, { progress: 20 }).progress, 30);
  assert.equal(patched(running, { progress: 40, source: "items" }).progress, 40);
  const done = patched(running, { status: "completed", progress: 100 });
  assert.equal(patched(done, { status: "processing", progress: 50 }), done);
  assert.equal(patched({ ...done, attempt: 2 }, { attempt: 1, status: "failed" }).status, "completed");
  assert.deepEqual([patched(done, { attempt: 2, status: "pending" }).status, patched(done, { attempt: 2, status: "pending" }).progress], ["pending", 0]);
});

test("a first page read again brings what is new, drops what has gone, keeps what lies below", () => {
  const rows = ["5", "4", "3", "2", "1"].map((at) => row(at, at));
  const next = refreshed(rows, [row("6", "6"), row("5", "5"), row("3", "3")], false);
  assert.deepEqual(next.map(({ id }) => id), ["6", "5", "3", "2", "1"]);
  assert.deepEqual(refreshed(rows, [row("9", "9")], true).map(({ id }) => id), ["9"]);
  assert.deepEqual(unknown(rows, [row("6", "6"), row("5", "5")]).map(({ id }) => id), ["6"]);
});

test("only what is in sight is drawn", () => {
  assert.deepEqual(inSight({ top: 0, height: 680, row: 68, count: 10_000 }), { first: 0, last: 18 });
  assert.deepEqual(inSight({ top: 6800, height: 680, row: 68, count: 10_000 }), { first: 92, last: 118 });
  assert.deepEqual(inSight({ top: 9e9, height: 680, row: 68, count: 3 }), { first: 3, last: 3 });
});

test("JSON that is still being written is read as far as it goes", () => {
  const whole = { relics: [{ name: "A \"bell\"", age: 7, marks: ["x", "y"] }, { name: "B", ok: true, none: null }] };
  const text = JSON.stringify(whole);
  for (let end = 0; end <= text.length; end += 1) {
    const shown = sofar(text.slice(0, end));
    if (end > 12) assert.ok(Array.isArray(shown.relics), text.slice(0, end));
  }
  assert.deepEqual(sofar(text), whole);
  assert.deepEqual(sofar('{"a": "one\\'), { a: "one" });
  assert.deepEqual(sofar('{"a": "\\u00e'), { a: "" });
  assert.deepEqual(sofar('```json\n{"a": 1}\n```'), { a: 1 });
  assert.equal(sofar("Once upon"), undefined);
});

const SCHEMA = {
  $defs: { Mood: { enum: ["calm", "wild"] }, Place: { type: "object", properties: { name: { type: "string" }, depth: { type: "integer", default: 2 } }, required: ["name"] } },
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
  assert.deepEqual(fields.map(({ kind }) => kind), ["text", "text", "long", "integer", "choice", "list", "group", "yesno", "json"]);
  assert.deepEqual([fields[3].min, fields[3].max, fields[5].most], [1, 10, 4]);
  const values = beginning(fields);
  assert.deepEqual(payloadOf(fields, values), { theme: "salt", count: 3, loud: false });
  const filled = { ...values, count: "7", mood: "wild", names: ["a", "", "b"], place: { name: "pit", depth: "9" }, extra: '{"x": [1]}' };
  assert.deepEqual(payloadOf(fields, filled),
    { theme: "salt", count: 7, mood: "wild", names: ["a", "b"], place: { name: "pit", depth: 9 }, loud: false, extra: { x: [1] } });
  assert.throws(() => payloadOf(fields, { ...values, extra: "{" }), SyntaxError);
});

test("a complaint finds its field", () => {
  assert.deepEqual(complaints([{ pointer: "/payload/theme", detail: "no" }, { pointer: "/payload/place/name", detail: "x" }]),
    { theme: "no", "place.name": "x" });
});

test("numbers and times are as people say them", () => {
  assert.deepEqual([0.01, 4.25, 41.4, 95, 120, 3700].map(duration), ["10 ms", "4.3 s", "41 s", "1 min 35 s", "2 min", "1 h 1 min"]);
  assert.deepEqual([0, 0.00012, 0.0123, 3.1, null, "nonsense"].map((amount) => money(amount)), ["$0.00", "$0.00012", "$0.012", "$3.10", "unknown", "unknown"]);
  assert.equal(ago("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:03:10Z")), "3 min ago");
  assert.equal(between("2026-01-01T00:00:00Z", null), null);
  assert.equal(left({ p50: 9, p90: 21 }, 2000), "about 7 s to 19 s left");
  assert.equal(left({ p50: 9, p90: 21 }, 60_000), "a moment left");
  assert.equal(words("generate_characters"), "Generate characters");
});

test("a command to copy survives quotes", () => {
  assert.equal(curl("POST", "http://h/jobs", { theme: "it's" }),
    "curl -X POST 'http://h/jobs' \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"theme\":\"it'\\''s\"}'");
});
