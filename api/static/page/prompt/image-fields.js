// The images of a prompt: addresses, and files that become data.
import { html } from "../lib/html.js";

/** @typedef {import("./prompt-payload.js").Image} Image */

/**
 * @param {{images: Image[], error?: string, change: (images: Image[]) => void}} props
 */
export function ImageFields({ images, error, change }) {
  const setAt = (/** @type {number} */ i) => (/** @type {any} */ event) =>
    change(images.map((one, j) => (i === j ? { name: "", url: event.target.value } : one)));
  const removeAt = (/** @type {number} */ i) => () => change(images.filter((_, j) => j !== i));
  const add = async (/** @type {any} */ event) => {
    const files = [...event.target.files];
    event.target.value = "";
    change([...images, ...(await Promise.all(files.map(read)))]);
  };
  return html`<div class="field">
    <b id="images">Images</b>
    <div class="several" role="group" aria-labelledby="images">
      ${images.map(
        ({ name, url }, i) =>
          html`<div class="line" key=${i}>
            ${name
              ? html`<span class="grow">${name}</span>`
              : html`<input
                  type="url"
                  aria-label=${`Address of image ${i + 1}`}
                  placeholder="https://…"
                  value=${url}
                  onInput=${setAt(i)}
                />`}
            <button
              type="button"
              class="small"
              aria-label=${`Remove image ${i + 1}`}
              onClick=${removeAt(i)}
            >
              ✕
            </button>
          </div>`,
      )}
      <div class="start">
        <button
          type="button"
          class="small"
          onClick=${() => change([...images, { name: "", url: "" }])}
        >
          Add an address
        </button>
        <label class="button small file"
          >Add files<input type="file" accept="image/*" multiple class="unseen" onChange=${add}
        /></label>
      </div>
    </div>
    <p class="help">
      ${error
        ? html`<span class="wrong">${error}</span>`
        : "For models that read them. A file travels inside the request."}
    </p>
  </div>`;
}

/** The content of a file as a data URL. @param {File} file @returns {Promise<Image>} */
const read = (file) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ name: file.name, url: String(reader.result) });
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
