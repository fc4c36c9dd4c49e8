"""The call ledger: what keeps a call from being bought twice, or thrown away."""

from tests.mutants.mutant import Mutant, lua

MUTANTS: list[Mutant] = [
    lua(
        "call_intent",
        "ledger off",
        "for earlier = generation, 0, -1 do",
        "for earlier = 0, 1, -1 do",
    ),
    lua(
        "call_intent",
        "replay of earlier generations off",
        "generation, 0, -1",
        "generation, generation, -1",
    ),
    lua("call_intent", "cancel mark ignored", "if seen[3] then return { 'cancel' } end"),
    lua("call_intent", "attempt fence off", "seen[2] ~= ARGV[2] or ", ""),
    lua("call_intent", "calls of jobs that do not run", "seen[1] ~= 'processing' or ", ""),
    lua("call_intent", "generations to come", " or generation > tonumber(seen[4])", ""),
    lua(
        "call_intent",
        "nobody attaches",
        "if state == 'intent' then return { 'attach', call_id, row[3] } end",
    ),
    lua(
        "call_intent",
        "replays the unusable",
        "if state == 'done' and row[2] == '0' then",
        "if false then",
    ),
    lua(
        "call_intent",
        "buys the unknown again",
        "state ~= 'released')",
        "state ~= 'unknown' and state ~= 'released')",
    ),
    lua("call_intent", "a lost reply attaches to itself", "row[4] == ticket then", "false then"),
    lua("call_intent", "joins a call being stopped", "row[5] and earlier < generation", "false"),
    lua("call_note", "notes for another purchase", " or seen[2] ~= ARGV[1]"),
    lua("call_note", "notes for the settled", "seen[1] ~= 'intent' or "),
    lua("call_intent", "no lease", "redis.call('ZADD', KEYS[4], now + ARGV[6], call_id)\n"),
    lua("call_intent", "the job forgets its call", "redis.call('SADD', KEYS[3], call_id)\n"),
    lua("call_intent", "inherits the last try", "redis.call('DEL', KEYS[2])\n"),
    lua(
        "call_settle",
        "settle guard off",
        "local open = before == 'intent' or",
        "local open = true or",
    ),
    lua("call_intent", "kept answers for all", "told.cache and fits", "fits"),
    lua("call_intent", "only buys", "if told.cache == 'only' and", "if false and"),
    lua(
        "call_intent", "a kept answer has a price", "'cost_micros', 0, unpack(kept)", "unpack(kept)"
    ),
    lua("call_intent", "a kept answer is in flight", "if #kept > 0 then", "if false then"),
    lua("_money", "a kept answer is a call", " - redis.call('HEXISTS', row, 'cached')", ""),
    lua("answer_keep", "kept for ever", "redis.call('PEXPIRE', KEYS[1], ARGV[2])\n"),
    lua("answer_keep", "as many as there are", "too_many > 0 and", "false and"),
    lua(
        "answer_keep", "the expired stay", "redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)\n"
    ),
    lua("call_settle", "ticket ignored", "if not (mine and open) then", "if not open then"),
    lua("call_settle", "late result lost", " or (before == 'unknown' and state == 'done')", ""),
    lua("call_settle", "settled and still due", "redis.call('ZREM', KEYS[2], ARGV[1])\n"),
    lua("call_settle", "writes ghosts", "  return { 'gone' }\n"),
    lua("call_settle", "TTL missing after the job", "redis.call('PEXPIRE', row, RETENTION_MS)"),
    lua("call_settle", "keeps the text of a deleted job", "redis.call('HDEL', row, 'text')"),
    lua("call_beat", "anybody renews", " or seen[2] ~= ARGV[1]", ""),
    lua("call_beat", "does not renew", "    redis.call('ZADD', KEYS[1], due, call_id)\n"),
    lua("call_beat", "does not tell of the cancel", "= seen[3] and 'cancel' or 'ok'", "= 'ok'"),
    lua("call_beat", "an empty text wins", "if text ~= '' then", "if true then"),
    lua("call_reap", "takes the living", "'-inf', now, 'LIMIT'", "'-inf', '+inf', 'LIMIT'"),
    lua(
        "call_reap", "resumes nothing", "elseif seen[2] and seen[2] ~= '' then", "elseif false then"
    ),
    lua(
        "call_reap",
        "resumes under the dead owner",
        "    redis.call('HSET', row, 'owner', ARGV[2])\n",
    ),
    lua(
        "call_reap", "reopens what is settled", "if seen[1] ~= 'intent' then", "if not seen[1] then"
    ),
    lua("call_reap", "TTL missing after the job", "redis.call('PEXPIRE', row, RETENTION_MS)"),
    lua(
        "call_judge",
        "judges what is not there",
        "if redis.call('HGET', KEYS[1], 'state') ~= 'done' then",
        "if false then",
    ),
    lua("call_judge", "marks nothing", "'usable', '0'", "'usable', '1'"),
    lua("call_cancel", "marks the settled", "if seen[1] == 'intent' then", "if true then"),
    lua("call_cancel", "marks nothing", "'cancel', '1')", "'cancle', '1')"),
]
