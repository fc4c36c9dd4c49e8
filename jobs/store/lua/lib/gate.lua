-- Part 18 of every script: admission. A job is admitted when a worker has a free slot for it, its pool has room for its first
-- call, and its owner is next.
local STALE_LOOK = 0.2 -- what a lane costs whose owner had a turn in another one, as part of a look
local MAX_STALE = 16 -- such lanes of one owner that stay in the order; it is parked in others, and comes back to a few at a time

-- Admits a job: its owner pays for it, its pool reserves its first call, and a worker may claim it.
local function take_turn(place, now, look)
  local start = math.max(virtual_time(place.gate), tonumber(redis.call('ZSCORE', place.gate .. ':tags', place.owner) or 0))
  local cost = math.max(MIN_TOKENS, place.tokens) / share_of(place)
  redis.call('HSET', place.gate, 'virtual', start) -- rule: virtual
  redis.call('ZADD', place.gate .. ':tags', start + cost, place.owner) -- rule: pays
  redis.call('HSET', JOB .. place.id, 'gate_cost', place.cost + cost) -- rule: paid-before
  pool_take(place.pool, place.id, place.call_tokens, now, look) -- rule: first-call
  redis.call('ZADD', place.gate .. ':admitted', now, place.id)
  redis.call('SADD', RUNNING .. place.owner, place.id)
  redis.call('ZADD', DEADLINES, look, place.id)
end

-- Looks at the first job of the first owner of a lane. Returns it where it may start; else the lane or the owner has moved. The
-- second value is what the look costs. `stale` counts lanes by owner.
local function next_of_lane(gate, lane, now, stale)
  local job_type, pool = split_lane(lane)
  if not has_type(lane_key(gate, lane), 'zset') then return close_lane(gate, lane, now + MAX_CLOSED_MS) end
  local owner, tag = unpack(redis.call('ZRANGE', lane_key(gate, lane), 0, 0, 'WITHSCORES'))
  if not owner then return refresh_lane(gate, lane) end
  local finish = redis.call('ZSCORE', gate .. ':tags', owner)
  if finish and tonumber(finish) > tonumber(tag) then -- rule: tag-of-owner
    stale[owner] = (stale[owner] or 0) + 1
    if stale[owner] > MAX_STALE and can_park(gate, owner) then return park(gate, lane, owner), STALE_LOOK end -- rule: many-lanes
    redis.call('ZADD', lane_key(gate, lane), finish, owner)
    return refresh_lane(gate, lane), STALE_LOOK -- rule: stale-look
  end
  if has_pause(pauses_of(job_type, pool)) then return close_lane(gate, lane, now + MAX_CLOSED_MS) end -- rule: paused
  local jobs = jobs_key(gate, lane, owner)
  for key, kind in pairs({ [jobs] = 'zset', [OWNER_LIMITS .. owner] = 'hash', [RUNNING .. owner] = 'set', [gate .. ':parked:' .. owner] = 'set' }) do
    if not has_type(key, kind) then return close_lane(gate, lane, now + MAX_CLOSED_MS) end
  end
  if owner_blocked(owner) then return park(gate, lane, owner) end -- rule: parked
  local id = redis.call('ZRANGE', jobs, 0, 0)[1]
  local place = id and has_type(JOB .. id, 'hash') and place_of(id)
  if not (place and place.is_waiting and place.jobs == jobs) then -- rule: stale-waiting
    return leave(id or '', gate, lane, owner)
  end
  local wait = pool_wait(pool, place.call_tokens, now)
  if wait > 0 then return close_lane(gate, lane, now + math.min(wait, MAX_CLOSED_MS)) end -- rule: pool-room
  return place
end

-- Admits up to `most` jobs of a queue. Returns their ids and attempts in turn.
local function gate_admit(queue, most, now, look)
  local gate, admitted = GATE .. queue, {}
  if most < 1 or not is_gate_intact(gate) or tonumber(redis.call('HGET', gate, 'waiting') or 0) < 1 then return admitted end
  if redis.call('HEXISTS', PAUSED, 'all') == 1 or redis.call('EXISTS', RQ_SUSPENDED) == 1 then return admitted end -- rule: all-paused
  local room = math.min(most, gate_room(gate, queue, now))
  if room < 1 then return admitted end
  open_lanes(gate, now)
  local looks, stale = MAX_LOOKS + room, {}
  while looks >= 1 do
    local lane = redis.call('ZRANGE', gate .. ':lanes', 0, 0)[1]
    if not lane or #admitted >= 2 * room then break end
    local place, cost = next_of_lane(gate, lane, now, stale)
    looks = looks - (cost or 1)
    if place then
      gate_leave(place)
      take_turn(place, now, look)
      admitted[#admitted + 1] = place.id
      admitted[#admitted + 1] = place.attempt
    end
  end
  return admitted
end

-- Admits a job at once where nothing waits and nothing is in its way; else it waits for its turn. Returns ids and attempts
-- in turn of all that may start now.
local function gate_enter(place, now, look)
  local is_free = tonumber(redis.call('HGET', place.gate, 'waiting') or 0) == 0 and not is_paused(place)
    and redis.call('EXISTS', RQ_SUSPENDED) == 0 and gate_room(place.gate, place.queue, now) > 0
    and not owner_blocked(place.owner) and pool_wait(place.pool, place.call_tokens, now) == 0
  if is_free then
    take_turn(place, now, look)
    return { place.id, place.attempt }
  end
  gate_wait(place, now)
  return gate_admit(place.queue, MAX_READY, now, look)
end

