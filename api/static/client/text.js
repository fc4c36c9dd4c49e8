// Prices and changes of a request in words, for the components and the page. Pure.

/** generate_characters → "Generate characters". @param {string} name */
export function words(name) {
  const spaced = String(name)
    .replace(/[_-]+/g, " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/**
 * An amount of money, with more digits when it is small.
 * @param {any} amount
 * @param {string} [currency]
 */
export function money(amount, currency = "USD") {
  const number = amount === null || amount === undefined || amount === "" ? NaN : Number(amount);
  if (Number.isNaN(number)) return "unknown";
  const digits = number === 0 || Math.abs(number) >= 0.1 ? 2 : Math.abs(number) >= 0.01 ? 3 : 5;
  const sign = currency === "USD" ? "$" : "";
  return `${sign}${number.toFixed(digits)}${sign ? "" : ` ${currency}`}`;
}

/**
 * A change of a request: "Count 4", "Model gpt-5-nano".
 * @param {{payload?: Record<string, any>, options?: Record<string, any>}} change
 */
export function changeText(change) {
  if (typeof change !== "object") return String(change);
  const { payload = {}, options = {} } = change ?? {};
  const { cache, ...others } = options;
  const fields = Object.entries({ ...payload, ...others }).map(
    ([name, value]) =>
      `${words(name)} ${typeof value === "object" ? JSON.stringify(value) : value}`,
  );
  return [...(cache === "only" ? ["Cached result of an identical job"] : []), ...fields].join(", ");
}
