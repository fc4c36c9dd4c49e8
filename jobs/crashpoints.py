"""Named places where a test can have a process die, as if by kill -9.

Inert unless `LORESMITH_CRASH_AT=NAME` or `NAME:n` (the n-th time) is set when the process starts.
The names:

A3  api: the job is made, its doorbell not rung and its 202 not sent
Q1  worker: entries popped, no job claimed
W2  worker: claimed, before the call
W4  worker: the result of a call in hand, not checkpointed
W5  worker: checkpointed, not finished
W6  worker: finished, RQ's entry not struck out
L1  lore_service: the intent recorded, the request not sent
L2  lore_service: the first text is here
L3  lore_service: the provider has the call in the background, its id not noted
L4  lore_service: the id noted, the answer not followed
L5  lore_service: the whole result in hand, not stored
L6  lore_service: the result stored, nobody told
"""

import os
import signal
from itertools import count
from threading import Lock

_name, _, _number = os.environ.get("LORESMITH_CRASH_AT", "").partition(":")
_hits = count(1)
_lock = Lock()


def crashpoint(name: str) -> None:
    """Kills this process with SIGKILL when `name` is where it shall die."""
    if name != _name:
        return
    with _lock:
        if next(_hits) == int(_number or 1):
            os.kill(os.getpid(), signal.SIGKILL)
            signal.pause()
