-- Reads what an owner has waiting in some lanes.
-- KEYS[1] hash the gate of the queue
-- ARGV[1] owner
-- ARGV[2...] lanes
-- Returns {admitted and running jobs, ms that the first of its jobs waits, number of waiting jobs in each lane, in order}
local now, owner = now_ms(), ARGV[1]
local longest, counts = 0, {}
for i, lane in ipairs({ unpack(ARGV, 2) }) do
  local jobs = jobs_key(KEYS[1], lane, owner)
  local first = redis.call('ZRANGE', jobs, 0, 0)[1]
  local times = first and redis.call('HMGET', JOB .. first, 'retried_ms', 'created_ms') or {}
  longest = math.max(longest, now - (times[1] or times[2] or now))
  counts[i] = first and redis.call('ZCARD', jobs) or 0
end
return { redis.call('SCARD', RUNNING .. owner), longest, unpack(counts) }
