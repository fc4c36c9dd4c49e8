-- Reads what waits at the gate of a queue, and what the limits of some pools hold back.
-- ARGV[1] RQ's queue
-- ARGV[2...] pools
-- Returns {waiting jobs, admitted jobs, pools}; a pool is {pool, what it waits for or '', jobs that may start now or ''}
local now, gate, pools = now_ms(), GATE .. ARGV[1], {}
require_type(gate, 'hash')
require_type(gate .. ':admitted', 'zset')

-- Returns how many jobs of a pool may start now, or '' when it has no limit.
local function room_of(name)
  local pool = pool_of(name, now)
  local places = pool.concurrency and math.max(0, pool.concurrency - places_taken(pool, now)) -- rule: pool-places
  local requests = pool.requests_left and math.floor(math.max(0, pool.requests_left)) -- rule: pool-requests
  return math.min(places or math.huge, requests or math.huge)
end
for _, pool in ipairs({ unpack(ARGV, 2) }) do
  local wait, reason = pool_wait(pool, 1, now)
  local room = wait > 0 and 0 or room_of(pool) -- rule: pool-closed
  pools[#pools + 1] = { pool, reason or '', room < math.huge and room or '' }
end
return { tonumber(redis.call('HGET', gate, 'waiting') or 0), redis.call('ZCARD', gate .. ':admitted'), pools }
