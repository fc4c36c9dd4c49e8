"""The updates of a job: every change once, in order, and the same in the stream of all jobs."""

from loresmith.jobs.store import keys
from tests.store.direct import snapshot
from tests.store.driver import Store


def a_life(store: Store, job_id: str = "j") -> None:
    """From submit over a lost worker and a retry to the end."""
    store.submit(job_id, user_id="u1")
    store.claim(job_id)
    for progress in (30, 45, 40, 79):
        store.report_progress(job_id, progress=progress)
    store.make_due(job_id)
    store.reconcile()
    store.claim(job_id, attempt=2, owner="w2")
    store.finish(job_id, attempt=2, owner="w2", outcome="failed", error="x")
    store.retry(job_id)
    store.claim(job_id, attempt=3)
    store.cancel(job_id)
    store.finish(job_id, attempt=3, result="[]")


def test_the_pieces_of_text_go_when_the_job_ends(store: Store) -> None:
    """Given a job with pieces of text and an entity / when it ends, and runs again
    / I expect the text gone, all else in its order under its ids, and what comes after them.
    """
    store.running()
    before = store.redis.xrange(keys.updates("j"))
    store.append_event(1)
    store.append_event(2, kind="item")
    store.append_event(3)
    store.finish(outcome="failed")
    after = store.redis.xrange(keys.updates("j"))

    assert after[: len(before)] == before
    assert [fields["type"] for _, fields in after[len(before) :]] == ["done"]
    store.retry()
    assert store.updates()[-1]["type"] == "status"
    assert store.redis.pttl(keys.updates("j")) == -1


def test_events_are_appended_once_and_in_order(store: Store) -> None:
    """Given a piece of text that is sent twice, and one of a lost attempt
    / I expect one update, and the count to begin anew with the next attempt.
    """
    store.running()
    assert [store.append_event(1), store.append_event(1), store.append_event(2)] == [
        "ok",
        "duplicate",
        "ok",
    ]
    store.release()
    assert store.append_event(3) == "lost"
    store.claim(attempt=2)
    assert store.append_event(1, attempt=2) == "ok"

    reply = [update for update in store.updates() if update["type"] == "delta"]
    assert [(update["step"], update["offset"], update["text"]) for update in reply] == [
        ("s", "0", "Once upon")
    ] * 3


def test_entities_are_counted(store: Store) -> None:
    """Given a step that brings three entities / when two come, a piece of text and the end of the
    step / I expect 2 of 3; and 0 of 5 when the next step starts.
    """
    store.running()
    store.append_event(1, kind="step", value="started", count=3)
    counted = [store.redis.hmget(keys.job("j"), "items_done", "items_expected")]
    for number, (kind, place) in enumerate(
        [("item", 0), ("delta", 900), ("item", 1), ("step", 3)], start=2
    ):
        store.append_event(number, kind=kind, count=place, value="completed")
        counted.append(store.redis.hmget(keys.job("j"), "items_done", "items_expected"))
    store.append_event(6, kind="step", value="started", count=5)
    counted.append(store.redis.hmget(keys.job("j"), "items_done", "items_expected"))

    assert [(int(done), int(expected)) for done, expected in counted] == [
        (0, 3), (1, 3), (1, 3), (2, 3), (2, 3), (0, 5),
    ]  # fmt: skip


def test_a_life_is_told_in_order(store: Store) -> None:
    """Given a job's whole life
    / I expect one update for each change after its creation, in the order of the changes.
    """
    a_life(store)

    reply = [
        (update["type"], update["status"], update["phase"], update["attempt"])
        for update in store.updates()
    ]

    assert reply == [
        ("status", "processing", "generating", "1"),
        ("progress", "processing", "generating", "1"),
        ("progress", "processing", "generating", "1"),
        ("progress", "processing", "generating", "1"),
        ("status", "processing", "recovering", "2"),
        ("status", "processing", "generating", "2"),
        ("done", "failed", "failed", "2"),
        ("status", "pending", "queued", "3"),
        ("status", "processing", "generating", "3"),
        ("status", "processing", "cancelling", "3"),
        ("done", "cancelled", "cancelled", "3"),
    ]


def test_versions_count_up_without_a_gap(store: Store) -> None:
    """Given a job's whole life / I expect versions 2, 3, 4… and the record to hold the last."""
    a_life(store)

    versions = [int(update["version"]) for update in store.updates()]

    assert versions == list(range(2, len(versions) + 2))
    assert store.record()["version"] == str(versions[-1])


def test_progress_goes_back_only_with_a_retry(store: Store) -> None:
    """Given a job's whole life
    / I expect each attempt's progress to rise from where the last one was.
    """
    a_life(store)

    shown = [int(update["progress"]) for update in store.updates()]

    assert shown == [20, 30, 45, 79, 79, 79, 79, 0, 20, 20, 20]


def test_an_update_is_a_snapshot(store: Store) -> None:
    """Given a heartbeat with all it can say
    / I expect the update to say it all, so that one is enough.
    """
    store.running(user_id="u1")
    store.report_progress(
        progress=42, source="items", phase="finalizing", message="The third of five"
    )

    update = store.updates()[-1]

    assert update.pop("at_ms") == store.record()["updated_ms"]
    assert update == {
        "type": "progress",
        "version": "3",
        "status": "processing",
        "phase": "finalizing",
        "progress": "42",
        "source": "items",
        "message": "The third of five",
        "attempt": "1",
    }


def test_the_stream_of_all_jobs_tells_the_same(store: Store) -> None:
    """Given two jobs
    / I expect the common stream to hold both, each entry naming its place and owner; and the first
    event of each there only, with a place before those of the others.
    """
    a_life(store, "a")
    a_life(store, "b")

    for job_id in ("a", "b"):
        own = store.redis.xrange(keys.updates(job_id))
        common = [
            fields for _, fields in store.redis.xrange(keys.UPDATES) if fields["job"] == job_id
        ]
        created = common.pop(0)
        assert created["type"] == "created"
        assert int(created["entry"].removesuffix("-0")) == int(created["at_ms"]) - 1
        assert [entry["entry"] for entry in common] == [entry for entry, _ in own]
        assert {entry["user_id"] for entry in common} == {"u1"}
        for entry, (_, fields) in zip(common, own, strict=True):
            assert fields.items() <= entry.items()


def test_there_is_an_end_to_what_is_kept(store: Store) -> None:
    """Given a job with 1,500 changes
    / I expect about the last 1,000 to be kept, the newest among them.
    """
    store.running()
    store.heartbeat(*[snapshot(progress=progress) for progress in range(1500)])

    stored = store.updates()

    assert 1000 <= len(stored) < 1200
    assert stored[-1]["progress"] == "1499"
