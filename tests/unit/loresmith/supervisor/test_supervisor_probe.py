"""What keeps a stack from being ready."""

import json
from http.server import BaseHTTPRequestHandler

from loresmith.supervisor.probe import failed_checks
from tests.unit.jobs.safe_http.local_server import reply, serving


def test_other_job_types_elsewhere_keep_no_stack_from_starting() -> None:
    """Given a worker of another machine with other job types, and no worker here
    / I expect only the missing worker to be waited for.
    """
    checks = {
        "redis": {"ok": True, "detail": "accepts writes"},
        "job_types": {"ok": False, "detail": "worker anna.1 lacks read_mail"},
        "workers": {"ok": False, "detail": "0 alive"},
    }

    def answer(handler: BaseHTTPRequestHandler) -> None:
        reply(handler, json.dumps({"status": "degraded", "checks": checks}).encode())

    with serving(answer) as port:
        assert failed_checks(f"http://127.0.0.1:{port}") == {"workers": "0 alive"}
