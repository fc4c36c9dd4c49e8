"""Settings of job types that are not shipped."""

from pydantic import BaseModel

from loresmith.jobs.core.settings.job_types_option import VARIABLE
from loresmith.jobs.core.settings.row import setting


class JobTypeSettings(BaseModel):
    """The rows about a user's own job types."""

    job_types: str = setting(
        VARIABLE,
        "",
        "files and folders with job types of your own, separated by `:`; see "
        "docs/adding-a-job-type.md",
    )
    http_allow: str = setting(
        "LORESMITH_HTTP_ALLOW",
        "",
        "networks and hosts, beside public ones, that requests of job types may reach, for example "
        "`10.0.0.0/8, wiki.internal`",
    )
