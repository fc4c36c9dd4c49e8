// A new job: its form from the type's JSON Schema, what it would cost, and the way to the server.
import { html, useEffect, useMemo, useState } from "./html.js";
import { Refused } from "./api.js";
import { Copy } from "./command.js";
import { Fields } from "./fields.js";
import { asTold, Estimate, useEstimate } from "./cost.js";
import { close } from "./keys.js";
import { go } from "./router.js";
import { beginning, complaints, fieldsOf, payloadOf } from "./schema.js";
import { shown, start } from "./send.js";
import { curl, duration } from "./text.js";

const EXTRAS = [
  ["session", "Session", "A name of your own, to find what belongs together."],
  ["tags", "Tags", "With commas between them."],
  ["model", "Model", "Empty: the server's own."],
  ["most", "At most, in dollars", "It is refused when it might cost more. Empty: the server's limit."],
];
const CACHE = [["use", "Take one, if the same was asked before"], ["skip", "Generate it anew"], ["only", "Only take one"]];

/** @param {{types: any[], wanted: string, open: boolean}} given `wanted`: a type; "" for the first. `open`: it can be closed. */
export function NewJob({ types, wanted, open }) {
  const type = types.find((one) => one.type === wanted) ?? types.find((one) => one.type === "generate_characters") ?? types[0];
  if (!type) return html`<section class="panel form" aria-label="New job"><h1>New job</h1><p class="soft">Asking the server what it can write…</p></section>`;
  return html`<section class="panel form" aria-label="New job">
    <header><div><h1>New job</h1><p class="soft">It runs in the background. Close this page whenever you like.</p></div>
      ${open && html`<button class="small close" aria-label="Close" onClick=${close}>✕</button>`}</header>
    <div class="field"><label for="type">What</label>
      <select id="type" onChange=${(event) => go({ making: event.target.value, job: "" }, { quietly: true })}>
        ${types.map((one) => html`<option key=${one.type} value=${one.type} selected=${one === type}>${one.title}</option>`)}</select>
      <p class="help">${type.description} Usually ready in about ${duration(type.expected_s)}.</p></div>
    <${Form} key=${type.type} type=${type} />
  </section>`;
}

/** @param {{type: any}} given */
function Form({ type }) {
  const fields = useMemo(() => fieldsOf(type.payload_schema, type.example), [type]);
  const [values, change] = useState(() => beginning(fields));
  const [more, setMore] = useState({ session: "", tags: "", model: "", most: "", cache: "use" });
  const [state, setState] = useState(/** @type {any} */ ({ sending: null, error: null, wrong: {} }));
  const body = wanted(type.type, fields, values, more);
  const price = useEstimate(body);
  const take = (/** @type {any} */ { payload = {}, options = {} }) => {
    change({ ...values, ...payload });
    setMore({ ...more, ...options });
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (state.sending) return;
    if (!body) return setState({ sending: null, error: "A field that takes JSON does not hold any.", wrong: {} });
    void send(asTold(body, price), setState);
  };
  return html`<form onSubmit=${submit} noValidate>
    <${Fields} fields=${fields} values=${values} wrong=${state.wrong} change=${change} />
    <details class="more"><summary>More</summary>
      ${EXTRAS.map(([name, label, help]) => html`<div class="field" key=${name}><label for=${name}>${label}</label>
        <input type="text" id=${name} value=${more[name]} inputmode=${name === "most" ? "decimal" : null} onInput=${(event) => setMore({ ...more, [name]: event.target.value })} />
        <p class="help">${help}</p></div>`)}
      <div class="field"><label for="cache">Kept answers</label>
        <select id="cache" onChange=${(event) => setMore({ ...more, cache: event.target.value })}>
          ${CACHE.map(([name, label]) => html`<option key=${name} value=${name} selected=${name === more.cache}>${label}</option>`)}</select></div></details>
    <${Estimate} told=${price.told} how=${more.cache} anew=${() => setMore({ ...more, cache: "skip" })} take=${take} />
    ${state.error && html`<p class="note bad" role="alert">${state.error}</p>`}
    <${Doubt} handle=${state.sending} />
    <div class="buttons"><${Copy} label="Copy as curl" text=${() => curl("POST", `${location.origin}/jobs`, body)} />
      <span class="grow" /><button class="main" type="submit" disabled=${!!state.sending}>${state.sending ? "Sending…" : type.title}</button></div>
  </form>`;
}

/** What would be sent; null while a field holds JSON that is none. @param {string} type @param {any[]} fields @param {any} values @param {any} more */
function wanted(type, fields, values, { session, tags, model, most, cache }) {
  try {
    const named = tags.split(",").map((/** @type {string} */ tag) => tag.trim()).filter(Boolean);
    const limit = Number.isNaN(Number(most)) ? most : Number(most);
    const options = { ...(model ? { model } : {}), ...(most ? { max_cost: limit } : {}), ...(cache === "use" ? {} : { cache }) };
    return { type, payload: payloadOf(fields, values), ...(session ? { session_id: session } : {}), ...(named.length ? { tags: named } : {}),
      ...(Object.keys(options).length ? { options } : {}) };
  } catch {
    return null;
  }
}

/** @param {any} body @param {(state: any) => void} setState */
async function send(body, setState) {
  const handle = start(body);
  setState({ sending: handle, error: null, wrong: {} });
  try {
    await shown(handle);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const wrong = complaints(error.problem.errors ?? []);
    setState({ sending: null, error: refusal(error), wrong });
    requestAnimationFrame(() => document.querySelector(".form [aria-invalid=true]")?.focus());
  }
}

/** @param {Refused} error */
function refusal(error) {
  const { retry_at: later } = error.problem;
  if (later) return `${error.message} There is room again from ${new Date(later).toLocaleString()}.`;
  if (error.status === 428) return "Not sent: the price was not agreed to. Nothing was bought.";
  const outside = (error.problem.errors ?? []).filter((/** @type {any} */ one) => !String(one.pointer ?? "").startsWith("/payload"));
  return [error.message, ...outside.map((/** @type {any} */ one) => `${one.pointer ?? one.header ?? one.parameter}: ${one.detail}`)].join(" ");
}

/** Said while nobody knows whether the server has the job. @param {{handle: any}} given */
function Doubt({ handle }) {
  const [state, setState] = useState(handle?.snapshot());
  useEffect(() => (setState(handle?.snapshot()), handle?.subscribe(setState)), [handle]);
  if (!handle || state?.connection !== "uncertain") return null;
  return html`<p class="note" role="status">No answer came. It is asked again, under the same key, until one does: there will be one job, not two.</p>`;
}
