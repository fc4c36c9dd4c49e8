"""Submitting and running: submit, claim, beat, checkpoint, release, and what all scripts share."""

from tests.mutants.mutant import Mutant, lua

MUTANTS: list[Mutant] = [
    lua("submit", "overwrites a job", "if redis.call('EXISTS', job) == 1 then", "if false then"),
    lua("submit", "ignores the key", "  if held then\n", "  if false then\n"),
    lua("submit", "takes any body for the same", "held_print == fingerprint)", "true)"),
    lua("submit", "makes a deleted job again", "if held_print == 'deleted' then", "if false then"),
    lua("submit", "leaves it out of due", "redis.call('ZADD', 'due', now + ARGV[3], id)"),
    lua("submit", "sets no start deadline", "now + ARGV[4] }", "now + 9e12 }"),
    lua(
        "claim",
        "gives a job to two workers",
        "if seen[3] ~= '' and seen[3] ~= owner then return { 'busy' } end",
    ),
    lua("claim", "ignores the attempt", "if seen[2] ~= ARGV[2] then return { 'stale' } end"),
    lua("claim", "revives the finished", "then return { 'terminal' } end", "then end"),
    lua("claim", "sets progress back", "math.max(20, tonumber(seen[5]))", "20"),
    lua("claim", "starts what is too late", "tonumber(seen[4]) < now", "false"),
    lua("claim", "starts no lease", "  redis.call('ZADD', 'due', now + ARGV[4], id)\n"),
    lua("beat", "attempt fence off", "seen[2] ~= attempt or ", ""),
    lua("beat", "owner fence off", " or seen[3] ~= owner", ""),
    lua("beat", "late tick on a finished job", "seen[1] ~= 'processing' or ", ""),
    lua("beat", "progress may fall", "math.max(tonumber(progress), tonumber(seen[4]))", "progress"),
    lua("beat", "does not renew", "    redis.call('ZADD', 'due', now + lease, id)\n"),
    lua("beat", "does not tell of the cancel", "= seen[8] or 'ok'", "= 'ok'"),
    lua(
        "beat",
        "talks over the cancel",
        "if seen[8] then phase, message",
        "if false then phase, message",
    ),
    lua(
        "beat", "does not vouch for its worker", "redis.call('ZADD', KEYS[1], now + lease, owner)\n"
    ),
    lua("beat", "a damaged job stops all", "sound and ", ""),
    lua("checkpoint", "attempt fence off", " or seen[2] ~= ARGV[1]", ""),
    lua("checkpoint", "owner fence off", " or seen[3] ~= ARGV[2]", ""),
    lua("checkpoint", "late step of a finished job", "seen[1] ~= 'processing' or ", ""),
    lua("checkpoint", "the last writer wins", "HSETNX", "HSET"),
    lua("release", "attempt fence off", " or seen[2] ~= ARGV[2]", ""),
    lua("release", "owner fence off", " or seen[3] ~= ARGV[3]", ""),
    lua("release", "cancel ignored", "if seen[4] then return { 'cancel' } end"),
    lua("release", "does not wait", "now + wait)", "now)"),
    lua("_common", "types unchecked", "if not intact(id) then error", "if false then error"),
    lua("_common", "types of indexes unchecked", "  expect_indexes()\n"),
    lua("_common", "attempt not raised", "'attempt', 1)", "'attempt', 0)"),
    lua("_common", "version stands still", "'version', 1)", "'version', 0)"),
    lua("_common", "handed back and out of due", "  redis.call('ZADD', 'due', look_ms, id)\n"),
    lua("_common", "all updates kept for ever", "'MAXLEN', '~', UPDATES_KEPT, ", ""),
]
