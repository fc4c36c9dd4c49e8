// The `openai` SDK of npm: chat completions and responses.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { MODEL, QUESTION, WEATHER_PARAMETERS, WEATHER_QUESTION, collect, run } from "./features.js";

const client = new OpenAI();
const ask = { model: MODEL, messages: [{ role: "user", content: QUESTION }] };
const respond = { model: MODEL, input: QUESTION };
const weather = { name: "get_weather", parameters: WEATHER_PARAMETERS };
const Rivers = z.object({ names: z.array(z.string()) });
const isText = (event) => event.type === "response.output_text.delta";

async function create() {
  const answer = await client.chat.completions.create(ask);
  assert.ok(answer.choices[0].message.content);
  assert.equal(answer.choices[0].finish_reason, "stop");
}

async function stream() {
  const chunks = await collect(await client.chat.completions.create({ ...ask, stream: true }));
  assert.ok(chunks.filter((chunk) => chunk.choices[0].delta.content).length > 2);
}

async function parse() {
  const response_format = zodResponseFormat(Rivers, "rivers");
  const answer = await client.chat.completions.parse({ ...ask, response_format });
  assert.ok(answer.choices[0].message.parsed.names);
}

async function tools() {
  const messages = [{ role: "user", content: WEATHER_QUESTION }];
  const options = { model: MODEL, messages, tools: [{ type: "function", function: weather }] };
  const first = await client.chat.completions.create(options);
  const [call] = first.choices[0].message.tool_calls;
  assert.ok(JSON.parse(call.function.arguments).city);
  messages.push(first.choices[0].message);
  messages.push({ role: "tool", tool_call_id: call.id, content: "18 degrees, rain" });
  const second = await client.chat.completions.create(options);
  assert.ok(second.choices[0].message.content);
}

async function runTools() {
  let city;
  const getWeather = { ...weather, parse: JSON.parse, function: (given) => (city = given.city) };
  const runner = client.chat.completions.runTools({
    model: MODEL,
    messages: [{ role: "user", content: WEATHER_QUESTION }],
    tools: [{ type: "function", function: getWeather }],
  });
  assert.ok(await runner.finalContent());
  assert.ok(city);
}

async function responses() {
  assert.ok((await client.responses.create(respond)).output_text);
}

async function responsesStream() {
  const events = await collect(await client.responses.create({ ...respond, stream: true }));
  const text = events.filter(isText).map((event) => event.delta).join("");
  assert.equal(events.at(-1).type, "response.completed");
  assert.equal(text, events.at(-1).response.output[0].content[0].text);
}

async function responsesParse() {
  const text = { format: zodTextFormat(Rivers, "rivers") };
  assert.ok((await client.responses.parse({ ...respond, text })).output_parsed.names);
}

async function responsesTools() {
  const options = { model: MODEL, tools: [{ type: "function", ...weather }] };
  const first = await client.responses.create({ ...options, input: WEATHER_QUESTION });
  const call = first.output.find((item) => item.type === "function_call");
  const output = { type: "function_call_output", call_id: call.call_id, output: "18 degrees" };
  const input = [{ role: "user", content: WEATHER_QUESTION }, ...first.output, output];
  assert.ok((await client.responses.create({ ...options, input })).output_text);
}

async function background() {
  let response = await client.responses.create({ ...respond, background: true });
  for (let tries = 0; tries < 300 && ["queued", "in_progress"].includes(response.status); tries++) {
    await sleep(100);
    response = await client.responses.retrieve(response.id);
  }
  assert.equal(response.status, "completed");
}

async function cancel() {
  const response = await client.responses.create({ ...respond, background: true });
  assert.equal((await client.responses.cancel(response.id)).status, "cancelled");
}

async function errors() {
  await assert.rejects(client.chat.completions.create({ ...ask, messages: [] }), OpenAI.BadRequestError);
  await assert.rejects(client.responses.retrieve(`resp_${"0".repeat(32)}`), OpenAI.NotFoundError);
  await assert.rejects(client.embeddings.create({ model: MODEL, input: "river" }), OpenAI.NotFoundError);
}

await run(
  ...[create, stream, parse, tools, runTools, responses, responsesStream, responsesParse],
  ...[responsesTools, background, cancel, errors],
);
