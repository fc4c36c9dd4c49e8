"""Counts what a provider bills for calls of OpenAI's SDK whose connections are cut.

    python -m bench.sdk_bill [--calls 1000] [--threads 24] [--seed 1] [--direct-only]

The unmodified Python SDK with `timeout=1, max_retries=2` asks for answers that take 0.3 to 2 s:
half of them plain chat completions, a quarter streamed, a quarter responses. A proxy cuts the
first request of each call at one of 12 points, and often the second. Once straight at the offline
model; once at two apis, while one of the apis or of the two workers is killed with -9
every few seconds. Then each call is looked for among the jobs, and read by its id.
"""

import argparse
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import openai

from chaos.http_cuts import POINTS, STREAM_POINTS, CutThread, HttpCuts, http_cuts
from tests.stack import Stack
from tests.waiting import wait_until

SECONDS = (0.3, 0.6, 1.2, 2.0)
KINDS = ("chat", "stream", "chat", "response")
KILL_INTERVAL_S = (2.0, 4.0)
SECOND_CUT_PROBABILITY = 0.5
PROVIDERS = """
[p{number}]
base_url = "{url}/v1"
headers = {{ "x-offline-seconds" = "{seconds}" }}
schema_mode = "json_schema"
max_tokens_parameter = "max_completion_tokens"
"""


@dataclass
class Outcome:
    """What the callers saw."""

    texts: dict[int, str] = field(default_factory=dict)
    errors: "Counter[str]" = field(default_factory=Counter)
    cuts: "Counter[str]" = field(default_factory=Counter)
    took_s: float = 0.0


def call(client: openai.OpenAI, number: int) -> str:
    """Makes one call as a user's program does; returns the text."""
    place = number // len(KINDS) % len(SECONDS)
    common: dict[str, Any] = {
        "model": f"p{place}/gpt-5-mini",
        "metadata": {"call": str(number)},
        "extra_headers": {"x-offline-seconds": str(SECONDS[place])},
    }
    question = f"Name three rivers of the valley number {number}."
    messages: Any = [{"role": "user", "content": question}]
    kind = KINDS[number % len(KINDS)]
    if kind == "response":
        return client.responses.create(input=question, **common).output_text
    if kind == "chat":
        answer = client.chat.completions.create(messages=messages, **common)
        return answer.choices[0].message.content or ""
    chunks = client.chat.completions.create(messages=messages, stream=True, **common)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def cuts_of(number: int, seed: int) -> list[str]:
    """Returns the points of the first two requests; the third always passes."""
    chance = random.Random(f"{seed}-{number}")
    is_stream = KINDS[number % len(KINDS)] == "stream"
    points = POINTS + STREAM_POINTS if is_stream else POINTS
    first = points[number // len(KINDS) % len(points)]
    second = chance.choice(points[1:]) if chance.random() < SECOND_CUT_PROBABILITY else ""
    return [first, second]


def make_calls(options: argparse.Namespace, upstream_ports: list[int]) -> Outcome:
    outcome = Outcome()
    started_at = time.monotonic()
    with http_cuts(options.threads, upstream_ports) as proxy:
        free: SimpleQueue[HttpCuts] = SimpleQueue()
        for port in proxy.ports:
            free.put(port)
        with ThreadPoolExecutor(options.threads) as pool:
            for number in range(options.calls):
                pool.submit(make_call, number, options.seed, proxy, free, outcome)
        for port in proxy.ports:
            outcome.cuts.update(port.reached)
    outcome.took_s = time.monotonic() - started_at
    return outcome


def make_call(
    number: int, seed: int, proxy: CutThread, free: "SimpleQueue[HttpCuts]", outcome: Outcome
) -> None:
    port = free.get()
    url = f"http://127.0.0.1:{port.port}/v1"
    try:
        with openai.OpenAI(base_url=url, api_key="none", timeout=1, max_retries=2) as client:
            proxy.run(port.prepare(cuts_of(number, seed)))
            outcome.texts[number] = call(client, number)
    except Exception as error:  # the caller's
        outcome.errors[type(error).__name__] += 1
    finally:
        free.put(port)


class Killer(threading.Thread):
    """Kills one process after the other, and waits until it is back."""

    def __init__(self, system: Stack, seed: int) -> None:
        super().__init__(daemon=True, name="killer")
        self._system, self._random = system, random.Random(seed)
        self._done = threading.Event()
        self.kills: Counter[str] = Counter()

    def run(self) -> None:
        names = [name for name in self._system.parts if name.startswith(("api", "worker"))]
        while not self._done.wait(self._random.uniform(*KILL_INTERVAL_S)):
            name = self._random.choice(names)
            self.kills[name] += 1
            self._system[name].kill()
            self._system[name].start()
            self._system[name].wait(60)

    def stop(self) -> None:
        self._done.set()
        self.join(120)


def two_apis(folder: Path) -> Stack:
    """Returns a stack with a second api, and a provider for each duration of an answer."""
    providers = folder / "providers.toml"
    env = {"LORESMITH_PROVIDERS": str(providers), "LORESMITH_MODEL": "p0/gpt-5-mini"}
    system = Stack(folder, seconds=1, chunks=8, workers_wanted=2, env=env)
    tables = [
        PROVIDERS.format(number=number, url=system.offline_url, seconds=seconds)
        for number, seconds in enumerate(SECONDS)
    ]
    providers.write_text("".join(tables))
    system.add_api()
    return system


@contextmanager
def started(system: Stack) -> Iterator[Stack]:
    try:
        system.start()
        yield system
    finally:
        system.stop()


def jobs_of_calls(system: Stack) -> dict[int, list[str]]:
    """Returns the ids of the objects that GET /jobs lists, by call."""
    jobs: dict[int, list[str]] = {}
    cursor = ""
    while cursor is not None:
        _, page = system.get(f"/jobs?limit=100{cursor and f'&cursor={cursor}'}")
        for job in page["jobs"]:
            prefix = "resp_" if job["type"] == "response" else "chatcmpl-"
            object_id = prefix + job["id"].replace("-", "")
            jobs.setdefault(int(job["metadata"]["call"]), []).append(object_id)
        cursor = page["next_cursor"]
    return jobs


def text_of(client: openai.OpenAI, object_id: str) -> str:
    """Reads the answer of an earlier call."""
    if object_id.startswith("resp_"):
        return client.responses.retrieve(object_id).output_text
    return client.chat.completions.retrieve(object_id).choices[0].message.content or ""


def report_ours(system: Stack, outcome: Outcome, calls: int, billed_before: int) -> bool:
    """Prints the jobs and the bill; returns whether all is as it should be."""
    wait_until(
        lambda: system.redis.zcard("jobs:deadlines") == 0, "all jobs have ended", timeout=180
    )
    jobs, bills = jobs_of_calls(system), system.bills()
    billed = sum(bills.values()) - billed_before
    texts: dict[int, str] = {}
    with openai.OpenAI(base_url=f"{system.url}/v1", api_key="none") as client:
        for number, ids in jobs.items():
            try:
                texts[number] = text_of(client, ids[0])
            except openai.APIError as error:
                print(f"call {number}, {ids[0]}: {error}")
    different = [n for n, text in outcome.texts.items() if texts.get(n) != text]
    twice = sum(count - 1 for call_id, count in bills.items() if call_id)
    twice += sum(len(ids) - 1 for ids in jobs.values())
    print(f"jobs made                {sum(len(ids) for ids in jobs.values())}")
    print(f"calls billed             {billed}")
    print(f"bought twice             {twice}")
    print(f"read by id afterwards    {sum(map(bool, texts.values()))}")
    print(f"with another text        {len(different)} {different[:5] or ''}")
    return billed == calls == sum(map(bool, texts.values())) and not different


def report(title: str, outcome: Outcome, calls: int) -> None:
    print(f"\n{title}, {outcome.took_s:.0f} s")
    print(f"calls made               {calls}")
    cuts = {point: count for point, count in outcome.cuts.items() if point}
    print(f"connections cut          {sum(cuts.values())}, at {len(cuts)} points")
    print(f"answers to the callers   {len(outcome.texts)}")
    errors = ", ".join(f"{count} {name}" for name, count in outcome.errors.most_common())
    print(f"errors to the callers    {sum(outcome.errors.values())}  {errors}")


def is_paid_once(system: Stack, options: argparse.Namespace, billed_before: int = 0) -> bool:
    """Makes the calls at Loresmith while processes are killed; prints what became of them."""
    killer = Killer(system, options.seed)
    killer.start()
    outcome = make_calls(options, system.api_ports)
    killer.stop()
    report("At Loresmith", outcome, options.calls)
    print(f"processes killed         {dict(killer.kills)}")
    return report_ours(system, outcome, options.calls, billed_before)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=1_000)
    parser.add_argument("--threads", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--direct-only", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sdk-bill-") as folder:
        system = two_apis(Path(folder))
        with started(system):
            direct = make_calls(options, [system.offline_port])
            report("Straight at the provider", direct, options.calls)
            billed = sum(system.bills().values())
            print(f"calls billed             {billed}")
            if options.direct_only:
                return 0
            return 0 if is_paid_once(system, options, billed) else 1


if __name__ == "__main__":
    raise SystemExit(main())
