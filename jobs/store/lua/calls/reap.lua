-- Takes over the calls whose lore_service stopped renewing its lease. The request may have been charged, so the call
-- becomes unknown and keeps its text. A call with a response id passes to the caller, which resumes it.
-- KEYS[1] zset  calls in flight
-- ARGV[1] maximum number of calls
-- ARGV[2] lease holder of the caller
-- ARGV[3] lease in ms
-- Returns a flat list of two for each call: call_id, 'unknown' | 'resume'
-- Updates: cost
local now = now_ms()
local answers = {}
for _, call_id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do -- rule: due
  local row = CALL .. call_id
  local values = has_type(row, 'hash') and redis.call('HMGET', row, 'state', 'response_id', 'job_id', 'pool') or {}
  local what = ''
  if values[1] ~= 'intent' then -- rule: in-flight
    redis.call('ZREM', KEYS[1], call_id)
    if not values[1] then charge_maximum(call_id) end
  elseif values[2] and values[2] ~= '' then -- rule: resume
    redis.call('HSET', row, 'lease_holder', ARGV[2]) -- rule: owner
    redis.call('ZADD', KEYS[1], now + ARGV[3], call_id)
    pool_renew(values[4], call_id, now + ARGV[3])
    what = 'resume'
  else
    local job = JOB .. values[3]
    local status = has_type(job, 'hash') and redis.call('HGET', job, 'status')
    redis.call('HSET', row, 'state', 'unknown', 'settled_ms', now)
    redis.call('ZREM', KEYS[1], call_id)
    pool_give_back(values[4], call_id, now, 'all') -- rule: room
    if status ~= 'pending' and status ~= 'processing' then expire_call(row, job) end -- rule: ttl
    settle_after_end(call_id) -- rule: settled
    record_cost(call_id, now) -- rule: cost
    what = 'unknown'
  end
  if what ~= '' then
    for _, value in ipairs({ call_id, what }) do answers[#answers + 1] = value end
  end
end
return answers
