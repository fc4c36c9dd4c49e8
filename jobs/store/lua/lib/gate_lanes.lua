-- Part 16 of every script: the lanes of the gate. The owner with the smallest tag is next (start-time fair queueing: Goyal, Vin
-- and Cheng, SIGCOMM 1996); its tag then grows by the tokens of the job, divided by its weight.
local CLASS_DELAY_MS = { interactive = 0, normal = 600000, batch = 1200000 } -- a class is worth ten minutes of age
local RECHECK_MS, LOOK_MS = 600000, 12 -- until the reconciler looks at a waiting job again; between two jobs that it looks at
local MAX_LANES = 200 -- from here on, each owner waits in one new lane at a time
local MAX_CLOSED_MS = 500 -- until a closed lane is looked at again: a pool may open early

-- Moves a lane to where its first owner belongs; an empty one is removed.
local function refresh_lane(gate, lane)
  local first = redis.call('ZRANGE', lane_key(gate, lane), 0, 0, 'WITHSCORES')
  if not first[1] then
    redis.call('ZREM', gate .. ':lanes', lane)
    redis.call('ZREM', gate .. ':closed', lane)
  elseif not redis.call('ZSCORE', gate .. ':closed', lane) then
    redis.call('ZADD', gate .. ':lanes', first[2], lane)
  end
end

local function close_lane(gate, lane, look)
  redis.call('ZREM', gate .. ':lanes', lane)
  redis.call('ZADD', gate .. ':closed', look, lane)
end

local function open_lane(gate, lane)
  if redis.call('ZREM', gate .. ':closed', lane) == 1 then refresh_lane(gate, lane) end
end

local function virtual_time(gate) return tonumber(redis.call('HGET', gate, 'virtual') or 0) end

-- Adds an owner to a lane. One that returns starts at the virtual time: it saves nothing up.
local function line_up(gate, lane, owner)
  local tag = math.max(virtual_time(gate), tonumber(redis.call('ZSCORE', gate .. ':tags', owner) or 0)) -- admission would correct a smaller one
  redis.call('ZADD', lane_key(gate, lane), 'NX', tag, owner)
  refresh_lane(gate, lane)
end

local function waiting_list(gate) return RQ_QUEUE .. string.sub(gate, #GATE + 1) .. '-waiting' end
-- RQ's list of placeholders has the length of what waits, so that `rq info` shows it.
local function set_waiting(gate, change, lane)
  redis.call('HINCRBY', gate, 'waiting', change)
  if redis.call('HINCRBY', gate, 'lane:' .. lane, change) == 0 then redis.call('HDEL', gate, 'lane:' .. lane) end -- rule: empty-lane
  local list = waiting_list(gate)
  if not (has_type(list, 'list') and has_type(RQ_QUEUES, 'set')) then return end
  if change > 0 then
    redis.call('RPUSH', list, 'waiting')
    redis.call('SADD', RQ_QUEUES, list, RQ_QUEUE .. string.sub(gate, #GATE + 1)) -- rule: queue-shown
  else
    redis.call('LPOP', list)
  end
end

local function can_park(gate, owner) return has_type(gate .. ':parked:' .. owner, 'set') end

-- Takes an owner that may start nothing, or has too many lanes, out of a lane, so that it holds back no other.
local function park(gate, lane, owner)
  redis.call('ZREM', lane_key(gate, lane), owner)
  redis.call('SADD', gate .. ':parked:' .. owner, lane)
  redis.call('SADD', gate .. ':parked', owner)
  refresh_lane(gate, lane)
end

local function has_many_lanes(gate)
  return redis.call('ZCARD', gate .. ':lanes') + redis.call('ZCARD', gate .. ':closed') >= MAX_LANES
end

-- Lets a job wait for its turn. A job that was released is among its owner's first again, because its age counts.
local function gate_wait(place, now)
  local score = place.since + CLASS_DELAY_MS[place.priority] -- rule: ageing
  if redis.call('ZADD', place.jobs, score, place.id) == 1 then
    set_waiting(place.gate, 1, place.lane)
    local is_new = redis.call('EXISTS', place.owners) == 0 and has_many_lanes(place.gate)
    local is_parked = is_new and redis.call('SADD', place.gate .. ':parked', place.owner) == 0 -- rule: one-new-lane
    if is_parked then park(place.gate, place.lane, place.owner) else line_up(place.gate, place.lane, place.owner) end
  end
  local look_at = now + math.max(RECHECK_MS, LOOK_MS * tonumber(redis.call('HGET', place.gate, 'waiting') or 0)) -- rule: few-looks
  redis.call('ZADD', DEADLINES, math.min(look_at, place.fails_at + 1), place.id) -- rule: deadline-waits
end

-- Removes a job from where it waits, if it does.
local function leave(id, gate, lane, owner)
  local jobs = jobs_key(gate, lane, owner)
  if redis.call('ZREM', jobs, id) == 1 then set_waiting(gate, -1, lane) end
  if redis.call('EXISTS', jobs) == 0 then
    redis.call('ZREM', lane_key(gate, lane), owner) -- rule: owner-leaves
    refresh_lane(gate, lane)
  end
end

local function gate_leave(place) leave(place.id, place.gate, place.lane, place.owner) end

