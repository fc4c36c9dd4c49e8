// Deletes a job after a few seconds in which it can be undone.
import { remove } from "../lib/api.js";
import { go } from "../lib/router.js";
import { words } from "../lib/text.js";
import { showError, showToast } from "../ui/toasts.js";
import { refreshSoon, setHidden } from "./job-list.js";

const UNDO_MS = 6000;

/** @param {import("../lib/types.js").Job} job */
export function deleteSoon(job) {
  setHidden(job.id, true);
  go({ job: "" });
  const timer = setTimeout(() => void deleteNow(job.id), UNDO_MS);
  const undo = () => (clearTimeout(timer), setHidden(job.id, false));
  const text = `Deleted: ${words(job.type)}, with its result`;
  showToast({ key: `delete-${job.id}`, text, action: { label: "Undo", run: undo } }, UNDO_MS);
}

/** @param {string} id */
async function deleteNow(id) {
  try {
    await remove(id);
  } catch (error) {
    setHidden(id, false);
    showError(id, error, "Not deleted: ");
  }
  refreshSoon();
}
