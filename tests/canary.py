"""Submits jobs with a unique text in every field that a stranger controls, lets many of them fail
with errors that quote these texts, and searches each place where no content may be.

Names (users, teams, models, request ids) may be in the log fields of their own (docs/logging.md),
and nowhere else.
"""

import http.client
import json
import re
import socket
import urllib.error
import urllib.request
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

from redis import Redis

from loresmith.jobs.types.registry import JOB_TYPES
from tests.crash_hook import raise_in
from tests.stack import Stack, request
from tests.waiting import wait_until

CONTENT, NAME = "zqcontent", "zqname"
CANARY = re.compile(rf"(?:{CONTENT}|{NAME})\w*", re.IGNORECASE)
OWN_FIELD = re.compile(
    rf'\b(?:user|team|model|request_id)"?[=:] ?"?[\w.:/-]*{NAME}[\w.:/-]*', re.IGNORECASE
)
"""A log field that may hold a name."""
FAULTS = (
    "", "fault:echo", "fault:badjson", "fault:badschema", "fault:refusal", "fault:content_filter",
    "fault:length", "fault:cut", "fault:truncate", "fault:badchunk", "fault:empty", "fault:quota",
    "fault:rate", "fault:hang", "status500", "status503", "raise:api", "raise:worker", "raise:lore",
)  # fmt: skip
STATUS_RULES = [
    {"fault": "status", "status": status, "match": f"status{status}"} for status in (500, 503)
]
ROUTES = (
    "/healthz", "/readyz", "/system", "/metrics", "/jobs/stats", "/usage", "/budgets", "/job-types",
    "/audit", "/openapi.json", "/docs",
)  # fmt: skip
LIMITS = {"timeout_s": 3, "deadline_s": 6, "max_attempts": 2}
CLIENTS = 4
WATCH_INTERVAL_S = 0.2
SILENCE_S = 0.5
"""How long a response may take that may never come."""


@contextmanager
def canary_stack(directory: Path) -> Iterator[Stack]:
    """Runs a stack that logs everything, and whose processes raise errors with quotes."""
    env = {
        "LORESMITH_LOG_LEVEL": "DEBUG",
        "LORESMITH_AI_LOG": str(directory / "ai-calls.log"),
        "LORESMITH_RECONCILE_INTERVAL_S": "0.2",
    }
    running = Stack(directory, env=env, chunks=8)
    for name in ("api", "worker", "lore"):
        running[name].env = running[name].env | raise_in(name)
    try:
        running.start()
        request("PUT", f"{running.offline_url}/faults", STATUS_RULES)
        yield running
    finally:
        running.stop()


class CanaryRun:
    """Submits the jobs and counts canaries by place."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.counts: Counter[str] = Counter()
        """Canaries by place; a place that was searched in vain has 0."""
        self.examples: set[str] = set()
        self.seen: Counter[str] = Counter()
        """How much there was to search: lines of logs, RQ entries, processes."""
        self.tracebacks: set[str] = set()
        """Logs with a traceback."""
        self.statuses: Counter[str] = Counter()
        self.errors = ""
        """What clients receive: here the canaries must be, or the search proves nothing."""

    def run(self, jobs: int) -> None:
        """Submits so many jobs, waits until they have ended, and searches."""
        with self._watching(), ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(self._submit, range(jobs)))
            wait_until(
                lambda: not self._stack.redis.exists("jobs:deadlines"), "the jobs end", timeout=600
            )
        self._read_jobs()
        for file in sorted(self._stack.directory.glob("*.log")):
            self._search_log(file.stem, file.read_text(errors="replace"))
        for route in ROUTES:
            text = send("GET", self._stack.url + route)
            self._count(f"GET {route}", re.sub(NAME, "", text))

    def _submit(self, number: int) -> None:
        """Sends a job, cancels some, and sends odd requests between them."""
        body, headers = job_body(number), job_headers(number)
        _, job = self._stack.post(f"/jobs?wait={number % 2}", body, **headers)
        job_id = (job or {}).get("id", "")
        if number % 8 == 0:
            reason = {"reason": f"{CONTENT}reason{number}"}
            self._stack.post(f"/jobs/{job_id}/cancel", reason, **headers)
        if number % 10 == 0:
            for method, path, stray, more in stray_requests(number, job_id):
                send(method, self._stack.url + path, stray, headers | more)
            send_garbage(self._stack.api_port, number)

    def _read_jobs(self) -> None:
        for key in self._stack.redis.scan_iter("job:*", 1_000, "HASH"):
            record = self._stack.redis.hgetall(key)
            self.statuses[record["status"]] += 1
            self.errors += record.get("error", "")

    def _search_log(self, name: str, text: str) -> None:
        self.seen["log lines"] += text.count("\n")
        if "Traceback without texts" in text:
            self.tracebacks.add(name)
        self._count(f"log of {name}", OWN_FIELD.sub("", text))

    def _count(self, place: str, text: str) -> None:
        matches = CANARY.findall(text)
        self.counts[place] += len(matches)
        self.examples.update(f"{place}: {each}" for each in matches[:5])

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Searches the entries of RQ and the process list again and again inside the block."""
        stop, redis = Event(), Redis(port=self._stack.redis_server.port)

        def search() -> None:
            self._search_rq(redis)
            self._search_processes()

        def watch() -> None:
            while not stop.wait(WATCH_INTERVAL_S):
                search()

        thread = Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        search()

    def _search_rq(self, redis: "Redis[bytes]") -> None:
        """Reads all keys of RQ, whose function and traceback are compressed."""
        readers: dict[bytes, Callable[[bytes], Any]] = {
            b"string": lambda key: [redis.get(key) or b""],
            b"hash": lambda key: [each for pair in redis.hgetall(key).items() for each in pair],
            b"list": lambda key: redis.lrange(key, 0, -1),
            b"set": redis.smembers,
            b"zset": lambda key: redis.zrange(key, 0, -1),
            b"stream": lambda key: [str(redis.xrange(key)).encode()],
        }
        for key in redis.scan_iter("rq:*", 1_000):
            if reader := readers.get(redis.type(key)):
                self.seen["RQ entries"] += key.startswith(b"rq:job:")
                text = b" ".join([key, *map(decompressed, reader(key))])
                self._count("RQ entries", str(text, errors="replace"))

    def _search_processes(self) -> None:
        for part in self._stack.parts.values():
            folder = Path("/proc", str(part.process.pid if part.process else 0))
            files = [folder / "cmdline", folder / "environ", *folder.glob("task/*/comm")]
            for file in files:
                with suppress(OSError):  # of a thread that has ended
                    self._count("process list", str(file.read_bytes(), errors="replace"))
            self.seen["processes"] += 1


def decompressed(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value


def job_body(number: int) -> dict[str, Any]:
    """Returns a job with a canary in every field; its theme asks for one of the faults."""
    job_type = list(JOB_TYPES.values())[number % len(JOB_TYPES)]
    fault = FAULTS[number % len(FAULTS)]

    def text(field: str) -> str:
        return f"{CONTENT}{field}{number}"

    theme = f"{fault} {text('theme')} {text('mail')}@x.test"
    payload: dict[str, Any] = {
        "prompt": {"prompt": theme, "system": text("system")},
        "chat_completion": {"messages": [{"role": "user", "content": theme}]},
        "response": {"input": theme, "instructions": text("instructions")},
    }.get(job_type.name) or {
        name: theme if name == "theme" else text(name)
        for name, field in job_type.payload.model_fields.items()
        if "str" in repr(field.annotation) and name != "user_id"
    }
    pauses = fault in ("fault:rate", "fault:quota", "status503")  # all calls of the same model
    options = LIMITS | ({"model": f"{NAME}model{number}"} if pauses or number % 8 == 1 else {})
    options |= {"redact": ["email"]} if number % 3 == 1 else {}
    return {
        "type": job_type.name,
        "payload": payload,
        "session_id": text("session"),
        "on_behalf_of": {"user_id": f"{NAME}user{number}", "team_id": f"{NAME}team{number}"},
        "related": {"type": text("relatedtype"), "id": text("relatedid")},
        "batch_key": text("batch"),
        "tags": [text("tag")],
        "metadata": {text("metadatakey"): {"title": text("metadata")}},
        "options": options,
    }


def job_headers(number: int) -> dict[str, str]:
    request_id = f"{NAME}request{number}" if number % 2 else f"{CONTENT}request {number}"
    return {
        "Idempotency-Key": f"{CONTENT}key{number}",
        "User-Agent": f"{CONTENT}agent{number}",
        "X-Request-Id": request_id,
        "Traceparent": f"{CONTENT}trace{number}",
    }


def stray_requests(number: int, job_id: str) -> Iterator[tuple[str, str, Any, dict[str, str]]]:
    """Yields method, path, body and headers of requests that find nothing or are refused."""

    def text(field: str) -> str:
        return f"{CONTENT}{field}{number}"

    job = {"type": "generate_characters", "payload": {"theme": text("theme")}}
    yield "POST", "/jobs", [text("body")], {}
    yield "POST", "/jobs", job | {"type": text("type")}, {}
    yield "POST", "/jobs", job | {text("field"): text("value")}, {}
    yield "POST", "/jobs", job | {"payload": {"theme": [text("theme")]}}, {}
    yield "POST", "/jobs", job | {"options": {"model": f"{text('model')} with spaces"}}, {}
    yield "POST", "/jobs", job, {"Content-Type": f"text/{text('contenttype')}"}
    yield "POST", "/jobs", job, {"Host": f"{text('host')}.example"}
    yield "POST", "/jobs", job, {"Referer": f"https://127.0.0.1/{text('referer')}"}
    yield "GET", "/jobs", None, {"Cookie": f"lore={text('cookie')}"}
    yield "POST", "/jobs", job, {"X-Forwarded-For": text("forwarded")}
    yield "POST", "/jobs", job, {"Authorization": f"Bearer {text('bearer')}"}
    yield "POST", "/jobs", job, {"Origin": f"https://{text('origin')}.example"}
    yield "POST", "/jobs/estimate", job | {"metadata": text("metadata")}, {}
    yield "POST", f"/jobs/{job_id}/retry", {"accept": text("accept")}, {}
    yield "POST", f"/jobs/{job_id}/token", {"actions": [text("action")]}, {}
    yield "PUT", f"/jobs/{text('id')}", job, {}
    yield "PUT", f"/budgets/user/{text('budget')}", {"limit": text("limit")}, {}
    yield "POST", "/keys", {"name": text("name"), "role": text("role")}, {}
    yield "POST", "/session", {"key": text("key")}, {}
    yield "DELETE", f"/users/{NAME}other{number}/data?cancel={text('cancel')}", None, {}
    for path in ("jobs", "worlds", "keys", "problems", "static", "jobs/x/events"):
        yield "GET", f"/{path}/{text('path')}?{text('parameter')}={text('query')}", None, {}
    for name in ("status", "q", "cursor", "session_id", "order", "fields", "user_id"):
        yield "GET", f"/jobs?{name}={text(name)}", None, {}
    for path in ("worlds", "audit", "usage", "events", "session/oidc/callback"):
        query = f"from={text('from')}&code={text('code')}&user_id={text('u')}"
        yield "GET", f"/{path}?{query}", None, {}
    yield "GET", f"/jobs/{job_id}", None, {"Prefer": f"wait={text('prefer')}"}
    yield "GET", f"/jobs/{job_id}", None, {"If-None-Match": text("etag")}
    yield text("method").upper(), "/jobs", None, {}


def send(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> str:
    """Returns the body of the response, whatever it is; '' without a response."""
    data = None if body is None else json.dumps(body).encode()
    prepared = urllib.request.Request(url, data, headers or {}, method=method)
    try:
        with urllib.request.urlopen(prepared, timeout=SILENCE_S) as response:
            return str(response.read(1_000_000), errors="replace")
    except urllib.error.HTTPError as refusal:
        return str(refusal.read(), errors="replace")
    except (OSError, http.client.HTTPException):  # also an event stream that does not end
        return ""


def send_garbage(port: int, number: int) -> None:
    """Sends bytes that are no HTTP."""
    for line in (f"GET /{CONTENT}path{number} HTTP/9\r\n", f"{CONTENT}{number}\r\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(f"{line}{CONTENT}header\r\n\r\n".encode())
            connection.settimeout(SILENCE_S)
            with suppress(OSError):
                connection.recv(1_000)


def table(run: CanaryRun) -> str:
    """Returns places and counts as a table of Markdown."""
    rows = [f"| {place} | {count} |" for place, count in run.counts.items()]
    return "\n".join(["| place | canaries |", "|---|---|", *rows])
