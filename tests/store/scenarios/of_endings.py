"""Ending, and beginning again: finish, reconcile, cancel, retry, delete."""

from loresmith.jobs.store import keys
from tests.store.driver import DURATIONS, Store
from tests.store.scenarios.scenario import Act, Scenario, collector

SCENARIOS: list[Scenario] = []
scenario = collector(SCENARIOS)


@scenario("jobs/finish", "completed")
def all_is_well(store: Store) -> Act:
    store.running(key="k")
    store.intent()
    return lambda: store.finish(durations=DURATIONS, result="[]", progress=100)


@scenario("jobs/finish", "failed")
def the_model_refuses(store: Store) -> Act:
    store.running(key="k")
    return lambda: store.finish(outcome="failed", error="refused")


@scenario("jobs/finish", "cancelled")
def it_was_cancelled(store: Store) -> Act:
    store.running(key="k")
    store.cancel()
    return lambda: store.finish(result="[1]")


@scenario("jobs/finish", "lost")
def somebody_else_finishes(store: Store) -> Act:
    store.running()
    return lambda: store.finish(owner="w2")


@scenario("jobs/finish", "terminal")
def it_is_finished_already(store: Store) -> Act:
    store.running()
    store.finish(outcome="failed")
    return lambda: store.finish()


def reconciled(store: Store, *, max_worker_losses: int = 3, take_over: bool = True) -> Act:
    """Returns a reconcile of the job, which is due, and what was done with that job."""
    store.make_due()
    return lambda: store.reconcile(max_worker_losses=max_worker_losses, take_over=take_over).get(
        "j", ("", "nothing")
    )[1]


@scenario("jobs/reconcile", "enqueue")
def nobody_came_for_it(store: Store) -> Act:
    store.submit()
    return reconciled(store)


@scenario("jobs/reconcile", "recovered")
def its_worker_lost_its_lease(store: Store) -> Act:
    store.running()
    return reconciled(store)


@scenario("jobs/reconcile", "failed")
def it_lost_its_last_worker(store: Store) -> Act:
    store.running(key="k")
    return reconciled(store, max_worker_losses=1)


@scenario("jobs/reconcile", "cancelled")
def it_was_cancelled_and_its_worker_lost_its_lease(store: Store) -> Act:
    store.running(key="k")
    store.cancel()
    return reconciled(store)


@scenario("jobs/reconcile", "gone")
def it_has_ended_and_kept_its_deadline(store: Store) -> Act:
    store.submit()
    store.cancel()
    store.redis.zadd(keys.DEADLINES, {"j": 1})
    return reconciled(store)


@scenario("jobs/reconcile", "deleted")
def its_record_is_gone(store: Store) -> Act:
    store.submit()
    store.expire_keys()
    return reconciled(store)


@scenario("jobs/reconcile", "waiting")
def the_server_has_just_come_back(store: Store) -> Act:
    store.running()
    return reconciled(store, take_over=False)


@scenario("jobs/cancel", "cancelled")
def nobody_runs_it_yet(store: Store) -> Act:
    store.submit(key="k")
    return lambda: store.cancel()


@scenario("jobs/cancel", "cancelling")
def a_worker_runs_it(store: Store) -> Act:
    store.running()
    return lambda: store.cancel()


@scenario("jobs/cancel", "terminal")
def it_is_over(store: Store) -> Act:
    store.running()
    store.finish()
    return lambda: store.cancel()


@scenario("jobs/cancel", "gone")
def there_is_nothing_to_cancel(store: Store) -> Act:
    return lambda: store.cancel()


def failed(store: Store) -> None:
    store.running(key="k")
    store.intent()
    store.settle()
    store.checkpoint()
    store.finish(outcome="failed", error="x")


@scenario("jobs/retry", "ok")
def a_failed_job(store: Store) -> Act:
    failed(store)
    return lambda: store.retry(attempt=1).outcome


@scenario("jobs/retry", "full")
def a_queue_without_room_for_it(store: Store) -> Act:
    failed(store)
    store.submit("other")
    return lambda: store.retry(limits=(1, 9)).outcome


@scenario("jobs/retry", "gone")
def there_is_nothing_to_retry(store: Store) -> Act:
    return lambda: store.retry().outcome


@scenario("jobs/retry", "removed")
def its_content_was_removed(store: Store) -> Act:
    store.running(store=0)
    store.finish(outcome="failed")
    store.remove_content("j")
    return lambda: store.retry().outcome


@scenario("jobs/retry", "active")
def a_job_that_still_runs(store: Store) -> Act:
    store.running()
    return lambda: store.retry().outcome


@scenario("jobs/retry", "stale")
def somebody_retried_it_before(store: Store) -> Act:
    failed(store)
    store.retry()
    store.cancel()
    return lambda: store.retry(attempt=1).outcome


@scenario("jobs/retry", "unknown")
def a_call_may_have_been_bought(store: Store) -> Act:
    store.calling()
    store.settle(state="unknown")
    store.finish(outcome="failed")
    return lambda: store.retry().outcome


@scenario("jobs/delete", "ok")
def a_finished_job(store: Store) -> Act:
    failed(store)
    return lambda: store.delete()


@scenario("jobs/delete", "gone")
def there_is_nothing_to_delete(store: Store) -> Act:
    return lambda: store.delete()


@scenario("jobs/delete", "active")
def a_job_that_waits_still(store: Store) -> Act:
    store.submit()
    return lambda: store.delete()


@scenario("jobs/mark_seen", "ok")
def an_end_that_somebody_looks_at(store: Store) -> Act:
    store.running()
    store.finish(outcome="failed")
    return lambda: store.mark_seen()


@scenario("jobs/mark_seen", "active")
def a_look_before_the_end(store: Store) -> Act:
    store.running()
    return lambda: store.mark_seen()


@scenario("jobs/mark_seen", "gone")
def a_look_at_nothing(store: Store) -> Act:
    return lambda: store.mark_seen()
