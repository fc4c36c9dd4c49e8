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
