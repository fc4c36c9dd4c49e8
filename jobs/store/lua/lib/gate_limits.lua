-- Part 17 of every script: what keeps waiting jobs from starting: a closed lane, an owner at its limit, a pause, workers
-- without a free slot.
local MAX_READY = 16 -- jobs that are admitted before there is a worker
local MAX_LOOKS = 64 -- lanes and owners that one call looks at in vain
local MAX_UNPARKED = 16 -- lanes to which a parked owner returns at once; to one while there are many

-- Returns why an owner may start nothing now: concurrency or paused; nothing when it may.
local function owner_blocked(owner)
  if redis.call('HEXISTS', PAUSED, scope('owner', owner)) == 1 then return 'paused' end
  local limit = tonumber(redis.call('HGET', OWNER_LIMITS .. owner, 'concurrency') or nil)
  local running = RUNNING .. owner
  if not limit or redis.call('SCARD', running) < limit then return nil end
  for _, id in ipairs(redis.call('SRANDMEMBER', running, 10)) do -- rule: stale-running
    local place = place_of(id)
    local is_admitted = place and redis.call('ZSCORE', place.gate .. ':admitted', id)
    if not place or (place.is_waiting and not is_admitted) then redis.call('SREM', running, id) end
  end
  return redis.call('SCARD', running) >= limit and 'concurrency' or nil -- rule: owner-concurrency
end

-- Returns a parked owner to some of its lanes, any of them, so that each has its turn. Returns their number.
local function gate_unpark(gate, owner)
  local parked = gate .. ':parked:' .. owner
  if redis.call('SISMEMBER', gate .. ':parked', owner) == 0 or not can_park(gate, owner) then return 0 end
  local lanes = redis.call('SPOP', parked, has_many_lanes(gate) and 1 or MAX_UNPARKED) -- rule: few-lanes
  for _, lane in ipairs(lanes) do
    local has_jobs = has_type(lane_key(gate, lane), 'zset') and has_type(jobs_key(gate, lane, owner), 'zset')
      and redis.call('EXISTS', jobs_key(gate, lane, owner)) == 1
    if has_jobs then line_up(gate, lane, owner) end
  end
  if redis.call('EXISTS', parked) == 0 then redis.call('SREM', gate .. ':parked', owner) end -- rule: parked-no-more
  return #lanes
end

-- Opens the lanes that are to be looked at again, also those that seem to be closed for longer: the clock may have gone back.
local function open_lanes(gate, now)
  for from, to in pairs({ ['-inf'] = now, ['(' .. now + MAX_CLOSED_MS] = '+inf' }) do -- rule: clock-back
    for _, lane in ipairs(redis.call('ZRANGEBYSCORE', gate .. ':closed', from, to, 'LIMIT', 0, MAX_LOOKS)) do open_lane(gate, lane) end
  end
end

-- Returns whether something that a job needs was paused: all, its pool, its type or its owner.
local function is_paused(place)
  if redis.call('EXISTS', PAUSED) == 0 then return false end
  return has_pause({ 'all', scope('owner', place.owner), unpack(pauses_of(place.type, place.pool)) }) -- rule: paused-late
end

-- Returns the free slots of the workers that listen to a queue, and their number. Each writes its own; one of an older version
-- writes none, and takes what is in RQ's queue.
local function free_slots(queue, now)
  local listening = {}
  for _, worker in ipairs(has_type(WORKERS, 'zset') and redis.call('ZRANGEBYSCORE', WORKERS, now, '+inf') or {}) do
    local queues = string.match(worker, '.*@(.*)')
    if not queues or string.find(',' .. queues .. ',', ',' .. queue .. ',', 1, true) then listening[#listening + 1] = worker end -- rule: slots-of-queue
  end
  local free = 0
  for _, slots in ipairs(#listening > 0 and redis.call('HMGET', WORKER_SLOTS, unpack(listening)) or {}) do
    free = free + math.max(0, tonumber(slots or MAX_READY)) -- rule: slots-unknown
  end
  return free, #listening
end

-- Writes how many more jobs a live worker takes.
local function set_slots(worker, slots)
  if redis.call('ZSCORE', WORKERS, worker) then redis.call('HSET', WORKER_SLOTS, worker, slots) end
end

-- Returns how many more jobs may be admitted to a queue.
local function gate_room(gate, queue, now)
  local free, workers = free_slots(queue, now)
  local admitted = gate .. ':admitted'
  local oldest = redis.call('ZRANGE', admitted, 0, 0, 'WITHSCORES')
  if oldest[1] and oldest[2] + RECHECK_MS < now and not place_of(oldest[1]) then redis.call('ZREM', admitted, oldest[1]) end -- rule: stale-admitted
  return (workers > 0 and free or MAX_READY) - redis.call('ZCARD', admitted) -- rule: room
end

