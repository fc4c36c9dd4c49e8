-- Ends a job for its worker, and hands over the next. A job that is being cancelled ends cancelled, and its result becomes
-- the partial result. Safe to send twice: the second reply is 'terminal'.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- ARGV[2] attempt
-- ARGV[3] lease holder
-- ARGV[4] outcome: completed | failed | cancelled
-- ARGV[5] message of a cancelled job
-- ARGV[6] key of the durations list, or '' for no statistics; the field `token_usage` goes to the list
--   `token-usage` of the same name
-- ARGV[7] free slots of the worker with this one; 0: it takes no other job
-- ARGV[8] ms until an admitted job is due for the reconciler
-- ARGV[9...] fields of the record, name and value in turn
-- Returns {the final status, id and attempt of the next job where one was admitted} | {'lost'} | {'terminal'}
-- Updates: done
local job, id, outcome = KEYS[1], ARGV[1], ARGV[4]
require_job(id)
local values = redis.call('HMGET', job, 'status', 'attempt', 'lease_holder', 'cancel', 'attempt_started_ms')
if not values[1] then return { 'lost' } end
if values[1] ~= 'pending' and values[1] ~= 'processing' then return { 'terminal' } end -- rule: terminal
if values[2] ~= ARGV[2] or values[3] ~= ARGV[3] then return { 'lost' } end -- rule: fence
if values[3] == '' and outcome ~= 'failed' then return { 'lost' } end -- rule: owned
local usage_list, sample = PREFIX .. string.gsub(string.sub(ARGV[6], #PREFIX + 1), '^durations', 'token-usage'), nil
require_place(place_of(id))
if ARGV[6] ~= '' then
  require_type(ARGV[6], 'list')
  require_type(usage_list, 'list') -- rule: list-type
end
local now = now_ms()
local fields = {}
for i = 9, #ARGV, 2 do
  local name = ARGV[i]
  if name == 'token_usage' then sample = ARGV[i + 1] end
  if values[4] and name == 'result' then name = 'partial_result' end -- rule: partial
  if not (values[4] and (name == 'message' or name == 'progress' or name == 'error' or name == 'error_detail')) then
    fields[#fields + 1] = name
    fields[#fields + 1] = ARGV[i + 1]
  end
end
if values[4] then -- rule: cancel
  outcome = 'cancelled'
  fields[#fields + 1] = 'message'
  fields[#fields + 1] = ARGV[5]
end
if outcome == 'completed' and ARGV[6] ~= '' then -- rule: completed
  for key, value in pairs({ [ARGV[6]] = (now - values[5]) / 1000, [usage_list] = sample }) do
    redis.call('LPUSH', key, value)
    redis.call('LTRIM', key, 0, 49)
    redis.call('PEXPIRE', key, 30 * DAY_MS)
  end
end
if outcome == 'completed' then redis.call('HDEL', job, 'partial_result') end
local queue = redis.call('HGET', job, 'queue') or ''
finish_job(id, now, outcome, outcome, fields)
set_slots(values[3], ARGV[7])
local most = waits_elsewhere(values[3], queue) and 0 or math.min(1, ARGV[7]) -- rule: next-job
return { outcome, unpack(gate_admit(queue, most, now, now + ARGV[8])) }
