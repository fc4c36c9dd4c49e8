// The form of a prompt: from its fields to a payload, and from the server's errors to its fields.
import assert from "node:assert/strict";
import test from "node:test";

import { InvalidJson } from "../../api/static/page/jobs/schema-fields.js";
import {
  NO_PROMPT,
  promptErrors,
  promptPayload,
  variableNames,
} from "../../api/static/page/prompt/prompt-payload.js";

test("a prompt alone is the payload; empty fields are left out", () => {
  assert.deepEqual(promptPayload({ ...NO_PROMPT, prompt: " Rain. " }), { prompt: " Rain. " });
});

test("every field reaches the payload", () => {
  const payload = promptPayload({
    ...NO_PROMPT,
    prompt: "Tell {{ who }}.",
    system: "Be kind, {{name}}.",
    variables: { who: "a child", name: "Ada", old: "unused" },
    output_schema: '{"type": "object"}',
    max_output_tokens: "50",
    temperature: "0.5",
    parameters: '{"seed": 7}',
  });

  assert.deepEqual(payload, {
    prompt: "Tell {{ who }}.",
    system: "Be kind, {{name}}.",
    variables: { who: "a child", name: "Ada" },
    output_schema: { type: "object" },
    max_output_tokens: 50,
    temperature: 0.5,
    parameters: { seed: 7 },
  });
});

test("variables are the names in double braces, once each", () => {
  const values = { ...NO_PROMPT, prompt: "{{a}} {{b}} {{ a }} {{1}} {c}", system: "{{d}}" };

  assert.deepEqual(variableNames(values), ["a", "b", "d"]);
  assert.ok(!("variables" in promptPayload(values)), "without a value, braces stay");
});

test("images make messages", () => {
  const images = [
    { name: "map.png", url: "data:image/png;base64,AA==" },
    { name: "", url: " " },
  ];

  assert.deepEqual(promptPayload({ ...NO_PROMPT, prompt: "What?", system: "Look.", images }), {
    messages: [
      { role: "system", content: "Look." },
      {
        role: "user",
        content: [
          { type: "text", text: "What?" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
        ],
      },
    ],
  });
});

test("text that is not JSON is an error of its field", () => {
  for (const name of ["output_schema", "parameters"])
    assert.throws(
      () => promptPayload({ ...NO_PROMPT, [name]: "{" }),
      (error) => error instanceof InvalidJson && error.errors[name].startsWith("Invalid JSON"),
    );
});

test("errors of messages are those of the prompt and its images", () => {
  const errors = [
    { pointer: "/payload/messages/0/content/1/image_url/url", detail: "bad address" },
    { pointer: "/payload/messages/0/content/0/text", detail: "too long" },
    { pointer: "/payload/output_schema", detail: "no schema" },
    { pointer: "/payload/variables/who", detail: "too long" },
  ];

  assert.deepEqual(promptErrors(errors), {
    images: "bad address",
    prompt: "too long",
    output_schema: "no schema",
    variables: "too long",
  });
});
