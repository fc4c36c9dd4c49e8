-- Reads what waits at the gate of a queue, and what holds it back. Counts lanes and owners, never jobs.
-- KEYS[1] hash what is paused
-- KEYS[2] set  owners that have limits
-- ARGV[1] RQ's queue
-- Returns {waiting jobs, admitted jobs, waiting jobs that only a worker is missing for, lanes, pools}; a lane is
--   {lane, job type, pool, waiting jobs}; a pool is {pool, what holds its jobs back or ''}
local MAX_PAIRS = 4000 -- lanes and owners that are looked at together
local now, gate = now_ms(), GATE .. ARGV[1]
require_type(KEYS[1], 'hash')
require_type(KEYS[2], 'set')
require_type(gate, 'hash')
local paused, lanes = {}, {}
for _, scope in ipairs(redis.call('HKEYS', KEYS[1])) do paused[scope] = true end
local function is_scope_paused(scope, name) return paused.all or paused[scope .. ':' .. name] end
local counters = redis.call('HGETALL', gate)
for i = 1, #counters, 2 do
  local name, waiting = string.match(counters[i], '^lane:(.*)$'), tonumber(counters[i + 1])
  if name and waiting > 0 then
    local job_type, pool = split_lane(name)
    local is_held = is_scope_paused('type', job_type) or is_scope_paused('pool', pool) -- rule: paused-waits
    lanes[#lanes + 1] = { name = name, type = job_type, pool = pool, waiting = waiting, ready = is_held and 0 or waiting }
  end
end

-- Takes the jobs of an owner beyond `may_start` out of those that are ready.
local function hold_back(owner, may_start)
  for _, lane in ipairs(lanes) do
    local waiting = redis.call('ZCARD', jobs_key(gate, lane.name, owner))
    lane.ready = math.max(0, lane.ready - math.max(0, waiting - may_start))
    may_start = math.max(0, may_start - waiting)
  end
end

-- Returns how many more jobs an owner may start; nothing when it has no limit.
local function owner_room(owner)
  if is_scope_paused('owner', owner) then return 0 end -- rule: paused-owner
  local limit = tonumber(redis.call('HGET', OWNER_LIMITS .. owner, 'concurrency') or nil)
  return limit and math.max(0, limit - redis.call('SCARD', RUNNING .. owner))
end
local owners = redis.call('SMEMBERS', KEYS[2])
for scope in pairs(paused) do owners[#owners + 1] = string.match(scope, '^owner:(.*)$') end
for i, owner in ipairs(owners) do
  if i * #lanes > MAX_PAIRS then break end
  local room = owner_room(owner)
  if room then hold_back(owner, room) end -- rule: limited-owner
end

-- Returns how many jobs of a pool may start now, of so many that are ready.
local function room_of(name, ready)
  if pool_wait(name, 1, now) > 0 then return 0 end -- rule: pool-closed
  local pool = pool_of(name, now)
  local places = pool.concurrency and pool.concurrency - places_taken(pool, now) or ready -- rule: pool-places
  return math.min(ready, places, pool.requests_left and math.floor(pool.requests_left) or ready) -- rule: pool-requests
end
local ready, start_now, rows, pools = {}, 0, {}, {}
for i, lane in ipairs(lanes) do
  ready[lane.pool] = (ready[lane.pool] or 0) + lane.ready
  rows[i] = { lane.name, lane.type, lane.pool, lane.waiting }
end
for name, count in pairs(ready) do
  local _, reason = pool_wait(name, 1, now)
  start_now = start_now + room_of(name, count)
  pools[#pools + 1] = { name, is_scope_paused('pool', name) and 'paused' or reason or '' }
end
return { tonumber(redis.call('HGET', gate, 'waiting') or 0), redis.call('ZCARD', gate .. ':admitted'), start_now, rows, pools }
