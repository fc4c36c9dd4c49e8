/** generate_characters → "Generate characters". @param {string} name */
export function words(name: string): string;
/**
 * An amount of money, with more digits when it is small.
 * @param {any} amount
 * @param {string} [currency]
 */
export function money(amount: any, currency?: string): string;
/**
 * A change of a request: "Count 4", "Model gpt-5-nano".
 * @param {{payload?: Record<string, any>, options?: Record<string, any>}} change
 */
export function changeText(change: {
    payload?: Record<string, any>;
    options?: Record<string, any>;
}): string;
