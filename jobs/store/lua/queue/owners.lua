-- Reads what some owners have waiting in some lanes.
-- KEYS[1] hash the gate of the queue
-- ARGV[1] number of lanes
-- ARGV[2...] the lanes, then the owners
-- Returns for each owner {admitted and running jobs, ms that the first of its jobs waits, its weight or '', its concurrency or '', number
--   of waiting jobs in each lane, in order}
local now, lanes, names, replies = now_ms(), tonumber(ARGV[1]), { unpack(ARGV, 2) }, {}
for at = lanes + 1, #names do
  local owner, longest, counts = names[at], 0, {}
  for i = 1, lanes do
    local jobs = jobs_key(KEYS[1], names[i], owner)
    local first = redis.call('ZRANGE', jobs, 0, 0)[1]
    local times = first and redis.call('HMGET', JOB .. first, 'retried_ms', 'created_ms') or {}
    longest = math.max(longest, now - (times[1] or times[2] or now))
    counts[i] = first and redis.call('ZCARD', jobs) or 0
  end
  local limits = redis.call('HMGET', OWNER_LIMITS .. owner, 'weight', 'concurrency')
  replies[#replies + 1] = { redis.call('SCARD', RUNNING .. owner), longest, limits[1] or '', limits[2] or '', unpack(counts) }
end
return replies
