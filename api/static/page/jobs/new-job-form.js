// The form of a new job, made from the type's JSON Schema.
import { html, useMemo, useState } from "../lib/html.js";
import { address, Refused } from "../lib/api.js";
import { go } from "../lib/router.js";
import { curl, duration } from "../lib/text.js";
import { Estimate, useEstimate, withCacheOnly } from "../money/estimate.js";
import { CopyButton } from "../ui/copy.js";
import { closePanel, focus } from "../ui/keyboard.js";
import { AdvancedOptions, NO_OPTIONS, requestOptions } from "./advanced-options.js";
import { formOf } from "./type-form.js";
import { InvalidJson } from "./schema-fields.js";
import { openSubmitted, submit } from "./submit.js";
import { refusalText, Unconfirmed } from "./submission-status.js";

/** @typedef {import("../lib/types.js").JobType} JobType */

/**
 * @param {{types: JobType[], selected: string, closable: boolean}} props `selected`: a job type;
 *   "" for the default.
 */
export function NewJob({ types, selected, closable }) {
  const byName = (/** @type {string} */ name) => types.find(({ type }) => type === name);
  const type = byName(selected) ?? byName("prompt") ?? types[0];
  if (!type)
    return html`<section class="panel form" aria-label="New job">
      <h1>New job</h1>
      <p class="soft">Loading job types…</p>
    </section>`;
  const choose = (/** @type {any} */ event) =>
    go({ newType: event.target.value, job: "" }, { replace: true });
  return html`<section class="panel form" aria-label="New job">
    <header>
      <div>
        <h1>New job</h1>
        <p class="soft">Runs in the background. You can close this page.</p>
      </div>
      ${closable &&
      html`<button class="small close" aria-label="Close" onClick=${closePanel}>✕</button>`}
    </header>
    <div class="field">
      <label for="type">Job type</label>
      <select id="type" onChange=${choose}>
        ${types.map(
          (one) =>
            html`<option key=${one.type} value=${one.type} selected=${one === type}>
              ${one.title}
            </option>`,
        )}
      </select>
      <p class="help">${type.description} Usually takes about ${duration(type.expected_s)}.</p>
    </div>
    <${Form} key=${type.type} type=${type} />
  </section>`;
}

/**
 * @typedef {{handle: import("../lib/types.js").JobHandle|null, error: string|null,
 *   errors: Record<string, string>}} Submission `errors`: by field.
 */
/** @type {Submission} */
const NOT_SUBMITTED = { handle: null, error: null, errors: {} };

/** @param {{type: JobType}} props */
function Form({ type }) {
  const form = useMemo(() => formOf(type), [type]);
  const [values, setValues] = useState(form.initial);
  const [options, setOptions] = useState(NO_OPTIONS);
  const [submission, setSubmission] = useState(NOT_SUBMITTED);
  const { body, error, errors } = bodyOf(type.type, form, values, options);
  const estimate = useEstimate(form.isReady(values) ? body : null);
  const take = (/** @type {import("../lib/types.js").Alternative["change"]} */ change) => {
    setValues({ ...values, ...change.payload });
    setOptions({ ...options, ...change.options });
  };
  const onSubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (submission.handle) return;
    if (body) void send(withCacheOnly(body, estimate), form, setSubmission);
    else showErrors({ handle: null, error, errors }, setSubmission);
  };
  return html`<form onSubmit=${onSubmit} novalidate>
    <${form.fields}
      values=${values}
      errors=${submission.errors}
      change=${setValues}
      options=${options}
      changeOptions=${setOptions}
    />
    <${AdvancedOptions} options=${options} change=${setOptions} without=${form.options} />
    <${Estimate}
      reply=${estimate.reply}
      cache=${options.cache}
      regenerate=${() => setOptions({ ...options, cache: "skip" })}
      take=${take}
    />
    ${submission.error && html`<p class="note bad" role="alert">${submission.error}</p>`}
    <${Unconfirmed} handle=${submission.handle} />
    <div class="buttons">
      <${CopyButton}
        label="Copy as curl"
        text=${() => curl("POST", address("/jobs"), body ?? {})}
      />
      <span class="grow" />
      <button class="main" type="submit" disabled=${!!submission.handle}>
        ${submission.handle ? "Submitting…" : form.submit}
      </button>
    </div>
  </form>`;
}

/**
 * The body of the request, or why there is none.
 * @param {string} type
 * @param {import("./type-form.js").TypeForm} form
 * @param {Record<string, any>} values
 * @param {import("./advanced-options.js").Options} options
 * @returns {{body: import("../lib/types.js").NewJob|null, error: string|null,
 *   errors: Record<string, string>}}
 */
function bodyOf(type, form, values, options) {
  try {
    const body = { type, payload: form.payload(values), ...requestOptions(options) };
    return { body, error: null, errors: {} };
  } catch (error) {
    if (!(error instanceof InvalidJson)) throw error;
    return { body: null, error: error.message, errors: error.errors };
  }
}

/**
 * @param {import("../lib/types.js").NewJob} body
 * @param {import("./type-form.js").TypeForm} form
 * @param {(submission: Submission) => void} setSubmission
 */
async function send(body, form, setSubmission) {
  const handle = submit(body);
  setSubmission({ ...NOT_SUBMITTED, handle });
  try {
    await openSubmitted(handle);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const errors = form.errors(error.problem.errors ?? []);
    showErrors({ handle: null, error: refusalText(error), errors }, setSubmission);
  }
}

/** @param {Submission} submission @param {(submission: Submission) => void} setSubmission */
function showErrors(submission, setSubmission) {
  setSubmission(submission);
  requestAnimationFrame(() => focus(".form [aria-invalid=true]"));
}
