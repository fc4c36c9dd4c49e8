"""Parts of operation descriptions that several handlers share."""

from loresmith.api.http.params import Parameter

JOB_ID = Parameter("id", "path", "The id of the job", {"type": "string", "format": "uuid"}, True)
BODY_PROBLEMS = (
    "validation-error",
    "conflicting-fields",
    "payload-too-large",
    "unsupported-media-type",
)
CREATED_HEADERS = ("Location", "Retry-After", "ETag")
NEW_JOB_EXAMPLE = {"type": "generate_characters", "payload": {"theme": "fantasy", "count": 3}}
RESUME = (
    Parameter("Last-Event-ID", "header", "The id of the last event that the client received"),
    Parameter("starting_after", "query", "Like Last-Event-ID, for clients that cannot set headers"),
)
