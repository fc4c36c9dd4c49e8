-- Runs a failed or cancelled job again under its own id, as the next attempt. Checkpointed steps
-- and finished calls are kept, so only what is missing is bought; a new generation of calls may
-- be bought where the last one ended badly. What may still be bought is reserved again.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- ARGV[2] the attempt that the asker saw, or '' when it does not matter
-- ARGV[3] '1' when a call of unknown outcome may be bought again
-- ARGV[4] ms until somebody looks whether it was rung for
-- ARGV[5] ms until it must have started, of a job that does not say
-- ARGV[6] message
-- Returns {'ok', attempt} | {'gone'} | {'active', status} | {'stale', attempt} | {'unknown', call_id}
--   | {'refused', budget, which of its terms, limit, spent, reserved, cap or '', ms when its window ends or 0}
-- Updates: status
local job, id = KEYS[1], ARGV[1]
expect_job(id)
local seen = redis.call('HMGET', job, 'status', 'attempt', 'generation', 'start_within_s', 'reserve_micros', 'budgets')
if not seen[1] then return { 'gone' } end
if seen[1] ~= 'failed' and seen[1] ~= 'cancelled' then return { 'active', seen[1] } end
if ARGV[2] ~= '' and ARGV[2] ~= seen[2] then return { 'stale', seen[2] } end
local keys = job_keys(id)
local calls = redis.call('SMEMBERS', keys.calls)
for _, call_id in ipairs(calls) do
  local latest = string.match(call_id, '(%d+)$') == seen[3]
  if latest and ARGV[3] ~= '1' and redis.call('HGET', 'call:' .. call_id, 'state') == 'unknown' then return { 'unknown', call_id } end
end
local most = tonumber(seen[5] or 0)
for _, call_id in ipairs(calls) do
  local row = redis.call('HMGET', 'call:' .. call_id, 'state', 'usable', 'max_micros')
  if row[1] == 'done' and row[2] ~= '0' then most = math.max(0, most - tonumber(row[3] or 0)) end
end
local now = now_ms()
local spends, refused = admit(seen[6], most, now)
if refused then return refused end
local slot = redis.call('HGET', job, 'idempotency_slot')
for _, key in ipairs({ keys.job, keys.updates, keys.steps, keys.calls, slot or keys.job }) do redis.call('PERSIST', key) end
for _, call_id in ipairs(calls) do redis.call('PERSIST', 'call:' .. call_id) end
redis.call('HDEL', job, 'cancel', 'cancel_reason', 'error', 'error_detail', 'completed_ms', 'expires_ms', 'attempt_started_ms',
  'seen_ms', 'reserved_micros')
unindex_end(id)
hold(id, most, spends)
if spends ~= '' then redis.call('HSET', job, 'reserved_micros', whole(most)) end
local attempt = redis.call('HINCRBY', job, 'attempt', 1)
redis.call('HINCRBY', job, 'generation', 1)
note(id, now, 'status', { 'status', 'pending', 'phase', 'queued', 'progress', 0, 'progress_source', 'simulated',
  'message', ARGV[6], 'start_by_ms', now + (seen[4] and seen[4] * 1000 or ARGV[5]), 'lost', 0, 'retries', 0 })
redis.call('ZADD', 'due', now + ARGV[4], id)
return { 'ok', attempt }
