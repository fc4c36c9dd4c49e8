// Runs the features of a program one after the other, and prints a line of JSON for each.

export const MODEL = "gpt-5-mini";
export const QUESTION = "Name three rivers of a drowned valley.";
export const WEATHER_QUESTION = "What is the weather in Paris? Call get_weather.";
export const WEATHER_PARAMETERS = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};

export async function collect(iterable) {
  const values = [];
  for await (const value of iterable) values.push(value);
  return values;
}

export async function run(...features) {
  for (const feature of features) {
    let error = "";
    try {
      await feature();
    } catch (thrown) {
      error = thrown.stack || String(thrown);
      process.exitCode = 1;
    }
    console.log(JSON.stringify({ feature: feature.name, error }));
  }
}
