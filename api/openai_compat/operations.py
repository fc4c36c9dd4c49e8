"""Parts of the descriptions of the routes."""

from loresmith.api.handlers.jobs import CREATE_PROBLEMS, IDEMPOTENCY_KEY
from loresmith.api.http.params import Parameter

NEW_PROBLEMS = (
    *(code for code in CREATE_PROBLEMS if code != "idempotency-key-required"),
    *("unsupported-parameter", "model-not-found", "content-removed", "too-many-streams"),
    *("job-failed", "job-cancelled", "not-finished"),
)
READ_PROBLEMS = ("job-not-found", "content-removed", "temporary-reduced-capacity")
RETRY_COUNT = Parameter(
    "x-stainless-retry-count",
    "header",
    "Which retry this is, as OpenAI's SDKs count them; a retry is the job of its first request",
)
NEW_PARAMETERS = (IDEMPOTENCY_KEY, RETRY_COUNT)
NEW_HEADERS = ("Location", "Loresmith-Job", "Idempotent-Replayed")


def id_parameter(form: str) -> Parameter:
    """Returns the id in the path."""
    return Parameter("id", "path", f"The id of the object: {form}", {"type": "string"}, True)
