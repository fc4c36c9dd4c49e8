-- Deletes the ended jobs whose retention is over: record, events, steps, calls, idempotency keys and indexes. The stream
-- of all jobs keeps its last minutes.
-- KEYS[1] zset  jobs that have ended, by the ms of their expiry
-- KEYS[2] stream  the updates of all jobs
-- ARGV[1] maximum number of jobs
-- Returns {number of deleted jobs}
local removed = 0
if has_type(KEYS[2], 'stream') then redis.call('XTRIM', KEYS[2], 'MINID', now_ms() - MAX_UPDATES_AGE_MS) end -- rule: age
if not has_type(KEYS[1], 'zset') then return { removed } end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now_ms(), 'LIMIT', 0, ARGV[1])) do -- rule: due
  local values = has_type(JOB .. id, 'hash') and redis.call('HMGET', JOB .. id, 'status', 'idempotency_slot') or {}
  if values[1] == 'pending' or values[1] == 'processing' then -- rule: active
    redis.call('ZREM', KEYS[1], id)
  else
    if values[2] then redis.call('DEL', values[2]) end -- rule: slot
    remove_job(id)
    removed = removed + 1
  end
end
return { removed }
