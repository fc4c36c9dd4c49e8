// The first page of the list, asked for before the rest of the page has been read.
import { client } from "./api.js";
import { asked, route } from "./router.js";

export const PAGE = 50;

/** The first question by its query, until somebody takes the answer. @type {Map<string, Promise<any>>} */
const early = new Map();

if (route.get().view === "jobs") {
  const query = { ...asked(route.get().filters), limit: PAGE };
  const answer = client.list(query);
  answer.catch(() => {}); // who takes it hears of it
  early.set(JSON.stringify(query), answer);
}

/** A page of jobs. @param {Record<string, any>} query */
export function listed(query) {
  const answer = early.get(JSON.stringify(query)) ?? client.list(query);
  early.clear();
  return answer;
}
