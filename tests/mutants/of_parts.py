"""What the processes add: the worker, the lore_service, the api."""

from tests.mutants.mutant import Mutant

UNIT, WHOLE = "tests/unit", "tests/integration"


def part(file: str, name: str, old: str, new: str, *tests: str) -> Mutant:
    """A mutant of one process."""
    return Mutant(f"{file.removesuffix('.py')}: {name}", file, old, new, tests)


MUTANTS: list[Mutant] = [
    part(
        "lore_service/provider.py",
        "the SDK's retries are on",
        '            "max_retries": 0,\n',
        '            "max_retries": 2,\n',
        f"{WHOLE}/test_lore_faults.py",
    ),
    part(
        "lore_service/status.py",
        "a 500 was not bought",
        "300 <= status < 500",
        "300 <= status < 600",
        f"{UNIT}/lore_service/test_lore_status.py",
    ),
    part(
        "lore_service/purchase.py",
        "its end is not settled",
        "            await self._settler.settle(self._ending(ended))\n",
        "            pass\n",
        f"{UNIT}/lore_service/test_lore_calls.py",
    ),
    part(
        "lore_service/settler.py",
        "journal off",
        "        await self._journal.add(ending)\n",
        "",
        f"{UNIT}/lore_service/test_lore_settler.py",
    ),
    part(
        "lore_service/upkeep.py",
        "reaper off",
        "                await self.tidy()\n",
        "",
        f"{WHOLE}/test_lore_crashes.py",
    ),
    part(
        "lore_service/upkeep.py",
        "leases are not renewed",
        "                await self.beat()\n",
        "",
        f"{WHOLE}/test_lore_crashes.py",
    ),
    part(
        "lore_service/background.py",
        "the id is not noted",
        "        await answer.noted(answer.response_id)\n",
        "",
        f"{WHOLE}/test_lore_background.py",
    ),
    part(
        "lore_service/purchase.py",
        "a response in the background is not cancelled",
        "        await self._provider.drop(self.answer)\n",
        "",
        f"{WHOLE}/test_lore_background.py",
    ),
    part(
        "worker/again.py",
        "tries again what may be bought",
        ' or error.detail.get("may_be_bought")',
        "",
        f"{UNIT}/worker/test_worker_again.py",
    ),
    part(
        "worker/again.py",
        "buys the unknown again and again",
        ' and record.get("generation", "0") == "0"',
        "",
        f"{UNIT}/worker/test_worker_again.py",
    ),
    part(
        "worker/context.py",
        "checkpoints are not looked at",
        "        output = self._checkpoints().get(step)\n",
        "        output = None\n",
        f"{UNIT}/worker/test_worker_context.py",
    ),
    part(
        "worker/context.py",
        "no checkpoint is made",
        "lambda: self._store.checkpoint(self._run.ring, step, output, self.so_far())",
        "lambda: output",
        f"{UNIT}/worker/test_worker_context.py",
    ),
    part(
        "worker/context.py",
        "finished entities are bought again",
        "    return items if len(items) < recipe.count(input) else []\n",
        "    return []\n",
        f"{UNIT}/worker/test_worker_context.py",
    ),
    part(
        "worker/housekeeping.py",
        "sweeper off",
        "        self._sweeper.sweep()\n",
        "",
        f"{WHOLE}/test_worker_recovery.py",
    ),
    part(
        "worker/side_thread.py",
        "a cancel is not heeded",
        "                run.stop(JobCancelled())\n",
        "                pass\n",
        f"{UNIT}/worker/test_worker_side_thread.py",
    ),
    part(
        "worker/side_thread.py",
        "a lost job goes on",
        "                run.stop(JobLost())\n",
        "                pass\n",
        f"{UNIT}/worker/test_worker_side_thread.py",
    ),
    part(
        "api/jobs.py",
        "the idempotency key is not used",
        'place = slot(ANYBODY, "POST /jobs", key) if key else None',
        "place = None",
        f"{UNIT}/api/test_api_create.py",
    ),
    part(
        "api/jobs.py",
        "nobody is rung for",
        "            self._bell.ring(made.job_id, attempt=1)\n",
        "",
        f"{UNIT}/api/test_api_create.py",
    ),
    part(
        "api/streams.py",
        "a gap is not told",
        'told = [event({"type": "reset", "job_id": job_id})] if reset else []',
        "told = []",
        f"{WHOLE}/test_api_streams.py",
    ),
    part(
        "worker/lore_client.py",
        "gRPC's retries are on",
        '("grpc.enable_retries", 0)',
        '("grpc.enable_retries", 1)',
        f"{UNIT}/worker/test_worker_lore_client.py",
    ),
    part(
        "worker/progress.py",
        "the bar may go back",
        "max(self._highest, progress)",
        "progress",
        f"{UNIT}/worker/test_worker_progress.py",
    ),
    part(
        "worker/rq_worker.py",
        "a start is tried once",
        '        patiently(step, after(START_S), "the start of this worker")\n',
        "        step()\n",
        f"{UNIT}/worker/test_worker_waits.py",
    ),
    part(
        "worker/patience.py",
        "what was earned is not kept while Redis is away",
        "            if not passes(error) or given_up():\n",
        "            if True:\n",
        f"{UNIT}/worker/test_worker_patience.py",
    ),
    part(
        "worker/live.py",
        "news is forgotten before it was told",
        "        if not self._waiting:\n",
        "        if True:\n",
        f"{UNIT}/worker/test_worker_live.py",
    ),
    part(
        "jobs/doorbell.py",
        "rings without the attempt",
        'f"{self.job_id}_{self.attempt}"',
        'f"{self.job_id}_1"',
        f"{UNIT}/jobs/test_jobs_doorbell.py",
    ),
    part(
        "api/dispatch.py",
        "sweeper off",
        "            self._sweeper.sweep()\n",
        "            pass\n",
        f"{UNIT}/api/test_api_dispatch.py",
    ),
    part(
        "lore_service/call.py",
        "a call that slept is sent all the same",
        "            if monotonic() - asked_at > FRESH_S:\n",
        "            if False:\n",
        f"{UNIT}/lore_service/test_lore_calls.py",
        f"{WHOLE}/test_lore_crashes.py",
    ),
    part(
        "lore_service/purchase.py",
        "a cancel does not reach the provider",
        "            self._scope.reschedule(asyncio.get_running_loop().time())\n",
        "            pass\n",
        f"{UNIT}/lore_service/test_lore_calls.py",
    ),
]
