-- Renews the worker's registration and the leases of its jobs, writes their progress, and returns which must stop.
-- Progress never decreases.
-- KEYS[1] zset  live workers
-- ARGV[1] lease holder
-- ARGV[2] lease in ms
-- ARGV[3] how many jobs the worker runs; '' to keep the number
-- ARGV[4...] six for each job: id, attempt, progress, source, phase, message; an empty message keeps the stored one
-- Returns for each job 'ok' | 'lost' | its cancel mode ('now' | 'after_current_call'), in order
-- Updates: progress, for jobs whose progress, source, phase or message changed
local holder, lease = ARGV[1], tonumber(ARGV[2])
local now = now_ms()
require_type(KEYS[1], 'zset')
require_indexes()
redis.call('ZADD', KEYS[1], now + lease, holder) -- rule: worker-lease
for _, worker in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - 60000)) do
  redis.call('ZREM', KEYS[1], worker)
  redis.call('HDEL', WORKER_SLOTS, worker) -- rule: slots-go
  redis.call('HDEL', WORKER_JOBS, worker) -- rule: jobs-go
end
if ARGV[3] ~= '' then redis.call('HSET', WORKER_JOBS, holder, ARGV[3]) end -- rule: jobs-known
local answers = {}
for i = 4, #ARGV, 6 do
  local id, attempt, progress, source, phase, message = unpack(ARGV, i, i + 5)
  local job = JOB .. id
  local is_valid = has_type(job, 'hash') and has_type(job_keys(id).updates, 'stream')
  local values = is_valid and redis.call('HMGET', job, 'status', 'attempt', 'lease_holder', 'progress', 'progress_source', 'phase', -- rule: sound
    'message', 'cancel') or {}
  if values[1] ~= 'processing' or values[2] ~= attempt or values[3] ~= holder then -- rule: fence
    answers[#answers + 1] = 'lost'
  else
    if message == '' then message = values[7] end
    local most = math.max(tonumber(progress), tonumber(values[4])) -- rule: progress
    if values[8] then phase, message = values[6], values[7] end -- rule: cancelling
    redis.call('ZADD', DEADLINES, now + lease, id) -- rule: lease
    if most ~= tonumber(values[4]) or source ~= values[5] or phase ~= values[6] or message ~= values[7] then
      record_event(id, now, 'progress', { 'lease_ms', now + lease, 'progress', most, 'progress_source', source, 'phase', phase,
        'message', message })
    else
      redis.call('HSET', job, 'lease_ms', now + lease)
    end
    answers[#answers + 1] = values[8] or 'ok' -- rule: cancel
  end
end
return answers
