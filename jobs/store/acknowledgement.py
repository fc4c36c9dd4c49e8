"""Decides which scripts a failover must not forget.

After each of these the epoch counts up, so that a replica that lacks the write is refused as
primary by every process that knows of it; and LORESMITH_ACK_REPLICAS replicas must confirm the
write before it is answered.
"""

ACKNOWLEDGED = {
    "jobs/submit": "an accepted job runs",
    "jobs/retry": "an accepted retry runs",
    "jobs/cancel": "a cancelled job buys nothing more",
    "jobs/delete": "deleted texts do not come back",
    "calls/intent": "a call is bought once",
    "calls/settle": "what was paid for is not bought again; the journal has it until then",
    "calls/erase_responses": "texts of an erased user do not come back",
    "budgets/set": "a lower limit holds",
    "budgets/delete": "a budget that was removed refuses nothing",
    "queue/pause": "what was paused starts nothing",
    "limits/set": "a limit holds",
    "keys/create": "a key that was handed out works, and the first one closes the server",
    "keys/rotate": "the new secret works, and the old one ends",
    "keys/revoke": "a revoked key stays revoked",
    "sessions/delete": "a session that was logged out stays ended",
}
"""By script: what its answer promises."""

UNACKNOWLEDGED = {
    "jobs/admit": "the next call repeats it",
    "jobs/append_events": "text that is shown early; the result has all of it",
    "jobs/checkpoint": "the step runs again, and its call is replayed from the ledger",
    "jobs/claim": "the job is still queued, and the reconciler enqueues it",
    "jobs/count": "reads",
    "jobs/enqueue": "the reconciler enqueues the job",
    "jobs/expire": "the next round deletes it",
    "jobs/finish": "the job runs again, and its calls are replayed from the ledger",
    "jobs/heartbeat": "the next one comes within seconds",
    "jobs/list": "reads",
    "jobs/mark_seen": "an end is reported once more",
    "jobs/queue_position": "reads",
    "jobs/reconcile": "the next round repeats it",
    "jobs/release": "the lease expires, and the job passes to another worker",
    "jobs/remove_content": "the next round after its time removes it",
    "calls/cache_response": "a response is bought that could have been reused",
    "calls/cancel": "the call ends by itself; its job is cancelled by jobs/cancel",
    "calls/heartbeat": "the next one comes within seconds",
    "calls/mark_unusable": "the worker refuses the replayed text again",
    "calls/note_response_id": "the call becomes unknown instead of being resumed",
    "calls/reap": "the next round repeats it",
    "parts/announce": "the next one comes within seconds",
    "pools/configure": "each start of a lore_service repeats it",
    "pools/note_limits": "the next answer says them again",
    "pools/note_refusal": "the next refusal closes the pool",
    "budgets/reap_reservations": "the next round repeats it",
    "budgets/status": "reads",
    "limits/pools": "reads",
    "queue/owners": "reads",
    "queue/status": "reads",
    "queue/unpark": "the reconciler finds the owner",
    "keys/count_request": "a few requests of a minute count twice",
    "keys/note_use": "the next use is noted",
    "sessions/create": "its user logs in again",
    "sdk_retries/choose": "a retry without a key makes a job of its own",
    "sdk_retries/note_delivery": "a retry gets the answer that was delivered",
}
"""By script: why its loss breaks no promise."""

COUNTED_BY_SCRIPT = frozenset({"jobs/submit", "calls/intent"})
"""Scripts that count the epoch themselves, because they return it."""
