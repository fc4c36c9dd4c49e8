// Prices in words. Pure.
import { money } from "../lib/text.js";

/** "About $0.21, up to $0.50". @param {import("../lib/types.js").CostEstimate} cost */
export function priceText({ expected, max, currency }) {
  if (max === null) return "No price known for this model";
  return max === 0 ? "Free" : `About ${money(expected, currency)}, up to ${money(max, currency)}`;
}
