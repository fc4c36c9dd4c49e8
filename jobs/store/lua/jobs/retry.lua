-- Starts another attempt of a failed or cancelled job. Checkpointed steps and finished calls are reused; a new
-- generation of calls may be bought where the last one failed. Where any call of such a step may have been bought before
-- (it is unknown, or nothing has settled it since), that needs consent. Reserves what may still be bought.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- ARGV[2] expected attempt, or '' for any
-- ARGV[3] '1' to allow buying a call of unknown outcome again
-- ARGV[4] ms until an admitted job is due for the reconciler
-- ARGV[5] message
-- ARGV[6] maximum number of unfinished jobs
-- ARGV[7] the same of its user
-- ARGV[8] who retries
-- Returns {'ok', attempt, id and attempt in turn of the jobs that were admitted and are to be enqueued} | {'gone'} | {'removed'} | {'active', status} | {'stale', attempt} | {'unknown', call_id}
--   | {'full', whose limit it is: all or user, the limit}
--   | {'refused', budget, exceeded term, limit, spent, reserved, cap or '', ms when its window ends or 0}
-- Updates: status
local job, id = KEYS[1], ARGV[1]
require_job(id)
local values = redis.call('HMGET', job, 'status', 'attempt', 'start_deadline_s', 'reserve_micros', 'budgets', 'content_removed_ms')
if not values[1] then return { 'gone' } end
if values[1] ~= 'failed' and values[1] ~= 'cancelled' then return { 'active', values[1] } end -- rule: ended
if ARGV[2] ~= '' and ARGV[2] ~= values[2] then return { 'stale', values[2] } end -- rule: attempt
if values[6] then return { 'removed' } end -- rule: content
require_place(place_of(id))
local keys = job_keys(id)
local calls, rows, bought = redis.call('SMEMBERS', keys.calls), {}, {}
local maximum = tonumber(values[4] or 0)
for _, step in ipairs(redis.call('HKEYS', keys.steps)) do bought[step] = true end -- rule: checkpointed
for _, call_id in ipairs(calls) do
  local row = redis.call('HMGET', CALL .. call_id, 'state', 'usable', 'max_micros')
  rows[call_id] = row
  if row[1] == 'done' and row[2] ~= '0' then -- rule: usable
    maximum = math.max(0, maximum - tonumber(row[3] or 0)) -- rule: paid
    bought[string.match(call_id, '^[^/]+/([^/]+)/')] = true -- rule: answered
  end
end
local open = false
for _, call_id in ipairs(calls) do
  local state, step = rows[call_id][1], string.match(call_id, '^[^/]+/([^/~]+)')
  if (state == 'unknown' or state == 'intent') and not bought[step] then -- rule: doubt
    if ARGV[3] ~= '1' then return { 'unknown', call_id } end -- rule: consent
    open = open or state == 'intent'
  end
end
local full = queue_full(index_names(id), ARGV[6], ARGV[7])
if full then return full end -- rule: full
local now = now_ms()
local spends, refused = admit(budgets_of(index_names(id), values[5]), maximum, now)
if refused then return refused end -- rule: refused
local slot = redis.call('HGET', job, 'idempotency_slot')
for _, key in ipairs({ keys.job, keys.updates, keys.steps, keys.calls, keys.shared, slot or keys.job }) do redis.call('PERSIST', key) end -- rule: persist
for _, call_id in ipairs(calls) do redis.call('PERSIST', CALL .. call_id) end -- rule: persist-calls
redis.call('HDEL', job, 'cancel', 'cancel_reason', 'cancelled_by', 'error', 'error_detail', 'completed_ms', 'expires_ms', 'attempt_started_ms', 'started_ms', -- rule: cleared
  'seen_ms', 'reserved_micros', 'consent')
if open then redis.call('HSET', job, 'consent', 1) end -- rule: open
unindex_end(id) -- rule: ended-index
reserve(id, maximum, spends) -- rule: reserved
if spends ~= '' then redis.call('HSET', job, 'reserved_micros', integer_text(maximum)) end
local attempt = redis.call('HINCRBY', job, 'attempt', 1) -- rule: new-attempt
redis.call('HINCRBY', job, 'generation', 1) -- rule: new-generation
record_event(id, now, 'status', { 'retried_by', ARGV[8], 'status', 'pending', 'phase', 'queued', 'progress', 0, 'progress_source', 'simulated',
  'message', ARGV[5], 'worker_losses', 0, 'losses_in_a_row', 0, 'retries', 0, 'waits', 0,
  'start_by_ms', now + (values[3] and values[3] * 1000 or DAY_MS) }, { 'by', ARGV[8] }) -- rule: start-deadline
redis.call('HSET', job, 'retried_ms', now) -- rule: retried
redis.call('HINCRBYFLOAT', job, 'gate_cost', -MIN_TOKENS / share_of(place_of(id))) -- rule: retry-pays
return { 'ok', attempt, gate_enter(place_of(id), now, now + ARGV[4]) } -- rule: deadline
