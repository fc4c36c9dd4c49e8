"""Logs that cannot carry content: constant messages, listed fields, errors by class and code.

Loresmith logs through `get_logger`. Records of other packages pass a filter. docs/logging.md
has the rules and every field.
"""

from loresmith.jobs.core.logs.configure import configure_logging as configure_logging
from loresmith.jobs.core.logs.context import ATTEMPT as ATTEMPT
from loresmith.jobs.core.logs.context import CALL_ID as CALL_ID
from loresmith.jobs.core.logs.context import JOB_ID as JOB_ID
from loresmith.jobs.core.logs.context import REQUEST_ID as REQUEST_ID
from loresmith.jobs.core.logs.safe import SafeText as SafeText
from loresmith.jobs.core.logs.safe import own_text as own_text
from loresmith.jobs.core.logs.safe import safe as safe
from loresmith.jobs.core.logs.structured_logger import StructuredLogger as StructuredLogger
from loresmith.jobs.core.logs.structured_logger import get_logger as get_logger
