// The form of a job type: that of a prompt, or one made from the type's JSON Schema.
import { html } from "../lib/html.js";
import { PromptFields } from "../prompt/prompt-fields.js";
import { NO_PROMPT, promptErrors, promptPayload } from "../prompt/prompt-payload.js";
import { Fields } from "./form-fields.js";
import { errorsByField, fieldsOf, initialValues, payloadOf } from "./schema-fields.js";

/**
 * @typedef {{initial: any, fields: (props: any) => any, payload: (values: any) => any,
 *   errors: typeof errorsByField, options: string[], submit: string,
 *   isReady: (values: any) => boolean}} TypeForm
 * `payload` throws InvalidJson. `options`: those that `fields` has. `submit`: the button.
 * `isReady`: whether there is enough for an estimate.
 */

/** @param {import("../lib/types.js").JobType} type @returns {TypeForm} */
export function formOf(type) {
  if (type.type === "prompt")
    return {
      initial: NO_PROMPT,
      fields: PromptFields,
      payload: promptPayload,
      errors: promptErrors,
      options: ["model"],
      submit: "Run prompt",
      isReady: (values) => values.prompt.trim() !== "",
    };
  const fields = fieldsOf(type.payload_schema, type.example);
  return {
    initial: initialValues(fields),
    fields: (props) => html`<${Fields} fields=${fields} ...${props} />`,
    payload: (values) => payloadOf(fields, values),
    errors: errorsByField,
    options: [],
    submit: type.title,
    isReady: () => true,
  };
}
