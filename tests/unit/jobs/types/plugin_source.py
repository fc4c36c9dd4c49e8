"""The text of a user's job type without a model call."""

SOURCE = '''
from loresmith.job_types import JobType, Payload, Step, Text


class AddPayload(Payload):
    """Two numbers."""

    left: int
    right: int = 1


def add(payload, context):
    return context.step("add", lambda: payload.left + payload.right)


JOB_TYPE = JobType(
    name="add_numbers",
    title="Add numbers",
    description="Adds two numbers.",
    payload=AddPayload,
    result=int,
    steps=(Step("add", "Adding...", 1),),
    finalizing="Finalizing...",
    specs=(),
    run=add,
    example={"left": 2},
)
'''


def source(name: str = "add_numbers") -> str:
    """Returns it with another name."""
    return SOURCE.replace("add_numbers", name)
