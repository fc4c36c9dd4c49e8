-- One round trip for all jobs of a worker: its word that it lives, the leases, the progress, and
-- back comes which jobs it must stop. Progress never goes down.
-- KEYS[1] zset  workers
-- ARGV[1] owner
-- ARGV[2] ms that leases last
-- ARGV[3...] six for each job: id, attempt, progress, source, phase, message; an empty message keeps the old one
-- Returns for each job 'ok' | 'lost' | the mode of its cancellation ('now' | 'after_current_call'), in order
-- Updates: progress, for jobs whose progress, source, phase or message changed
local owner, lease = ARGV[1], tonumber(ARGV[2])
local now = now_ms()
expect(KEYS[1], 'zset')
expect_indexes()
redis.call('ZADD', KEYS[1], now + lease, owner)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60000)
local answers = {}
for i = 3, #ARGV, 6 do
  local id, attempt, progress, source, phase, message = unpack(ARGV, i, i + 5)
  local job = 'job:' .. id
  local sound = fits(job, 'hash') and fits(job_keys(id).updates, 'stream')
  local seen = sound and redis.call('HMGET', job, 'status', 'attempt', 'owner', 'progress', 'progress_source', 'phase',
    'message', 'cancel') or {}
  if seen[1] ~= 'processing' or seen[2] ~= attempt or seen[3] ~= owner then
    answers[#answers + 1] = 'lost'
  else
    if message == '' then message = seen[7] end
    local most = math.max(tonumber(progress), tonumber(seen[4]))
    if seen[8] then phase, message = seen[6], seen[7] end
    redis.call('ZADD', 'due', now + lease, id)
    if most ~= tonumber(seen[4]) or source ~= seen[5] or phase ~= seen[6] or message ~= seen[7] then
      note(id, now, 'progress', { 'lease_ms', now + lease, 'progress', most, 'progress_source', source, 'phase', phase,
        'message', message })
    else
      redis.call('HSET', job, 'lease_ms', now + lease)
    end
    answers[#answers + 1] = seen[8] or 'ok'
  end
end
return answers
