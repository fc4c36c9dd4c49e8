// Vercel's `ai` with @ai-sdk/openai, over responses (its default) or over chat completions.

import assert from "node:assert/strict";
import { openai } from "@ai-sdk/openai";
import * as ai from "ai";
import { z } from "zod";
import { MODEL, QUESTION, WEATHER_QUESTION, collect, run } from "./features.js";

const model = process.argv.includes("chat") ? openai.chat(MODEL) : openai(MODEL);
const schema = z.object({ names: z.array(z.string()) });

async function generateText() {
  const { text, usage } = await ai.generateText({ model, system: "Be brief.", prompt: QUESTION });
  assert.ok(text);
  assert.ok(usage.outputTokens > 5);
}

async function streamText() {
  const result = ai.streamText({ model, prompt: QUESTION });
  const texts = await collect(result.textStream);
  assert.ok(texts.length > 2, texts);
  assert.equal(await result.finishReason, "stop");
}

async function generateObject() {
  const { object } = await ai.generateObject({ model, schema, prompt: QUESTION });
  assert.ok(object.names);
}

async function streamObject() {
  const result = ai.streamObject({ model, schema, prompt: QUESTION });
  assert.ok((await collect(result.partialObjectStream)).length > 0);
  assert.ok((await result.object).names);
}

async function tools() {
  const getWeather = ai.tool({
    description: "Returns the weather of a city.",
    inputSchema: z.object({ city: z.string() }),
    execute: ({ city }) => `18 degrees in ${city}`,
  });
  const { text, steps } = await ai.generateText({
    model,
    tools: { get_weather: getWeather },
    stopWhen: ai.stepCountIs(3),
    prompt: WEATHER_QUESTION,
  });
  assert.equal(steps[0].toolResults.length, 1);
  assert.ok(text);
}

await run(generateText, streamText, generateObject, streamObject, tools);
