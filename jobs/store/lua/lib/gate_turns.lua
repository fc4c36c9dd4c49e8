-- Part 19 of every script: the turn of an admitted job, until it has ended or was released.
local MAX_PLACEHOLDERS = 5000 -- that one call adds or removes
local MAX_REFUNDED = 16 -- lanes in which an owner moves forward at once
local MAX_TAGS = 10000 -- of owners that have paid in advance; the smallest are forgotten

local function is_admitted(place)
  return redis.call('ZSCORE', place.gate .. ':admitted', place.id) and true or false
end

-- Notes that a worker has claimed a job, which is no longer waiting.
local function gate_claimed(place, worker)
  gate_leave(place) -- rule: claimed-early
  redis.call('ZREM', place.gate .. ':admitted', place.id) -- rule: claimed
  redis.call('SADD', RUNNING .. place.owner, place.id)
  if redis.call('HEXISTS', WORKER_SLOTS, worker) == 1 then redis.call('HINCRBY', WORKER_SLOTS, worker, -1) end -- rule: slot-taken
end

-- Moves an owner forward to its lower tag, in the lane of a job and in the last ones, where a high tag has brought it.
local function refund(place, tag)
  local lanes = redis.call('ZRANGE', place.gate .. ':lanes', -MAX_REFUNDED, -1) -- rule: other-lanes
  lanes[#lanes + 1] = place.lane
  for _, lane in ipairs(lanes) do
    local owners = lane_key(place.gate, lane)
    if has_type(owners, 'zset') and redis.call('ZADD', owners, 'XX', 'LT', 'CH', tag, place.owner) == 1 then refresh_lane(place.gate, lane) end
  end
end

-- Ends the turn of a job that ended or, without `used` tokens, was released. Its owner then has paid for these, and for no others.
local function gate_done(id, used, now)
  local place = place_of(id)
  if not (place and is_place_intact(place)) then return end
  gate_leave(place)
  redis.call('ZREM', place.gate .. ':admitted', id) -- rule: turn-ends
  redis.call('SREM', RUNNING .. place.owner, id) -- rule: running-ends
  pool_give_back(place.pool, id, now) -- rule: unused-call
  local least = used and place.cost > 0 and MIN_TOKENS or 0 -- rule: least-price
  local cost = math.max(least, tonumber(used or 0)) / share_of(place)
  local difference = cost - place.cost
  if difference ~= 0 and redis.call('ZSCORE', place.gate .. ':tags', place.owner) then
    local tag = redis.call('ZINCRBY', place.gate .. ':tags', difference, place.owner) -- rule: real-tokens
    if difference < 0 then refund(place, math.max(virtual_time(place.gate), tonumber(tag))) end -- rule: refunded
  end
  if cost > 0 then redis.call('HSET', JOB .. id, 'gate_cost', cost) else redis.call('HDEL', JOB .. id, 'gate_cost') end
  gate_unpark(place.gate, place.owner) -- rule: unparked
  open_lane(place.gate, place.lane) -- rule: reopened
end

-- Lets a job that was admitted wait again.
local function release_turn(place, now)
  gate_done(place.id, nil, now)
  gate_wait(place, now)
end

-- Whether jobs wait in another queue of a worker, which then looks for its next job in all of them, in its order.
local function waits_elsewhere(worker, queue)
  for other in string.gmatch(string.match(worker, '.*@(.*)') or '', '[^,]+') do
    local is_gate = other ~= queue and has_type(GATE .. other, 'hash')
    if is_gate and tonumber(redis.call('HGET', GATE .. other, 'waiting') or 0) > 0 then return true end -- rule: other-queues
  end
  return false
end

-- Repairs what nothing else does: the number of placeholders, tags that say nothing any more, owners whose limit was raised, the list
-- of pools.
local function gate_repair(queue)
  local gate = GATE .. queue
  local list = waiting_list(gate)
  forget_pools()
  if not is_gate_intact(gate) then return end
  redis.call('ZREMRANGEBYSCORE', gate .. ':tags', '-inf', virtual_time(gate)) -- rule: old-tags
  redis.call('ZREMRANGEBYRANK', gate .. ':tags', 0, -1 - MAX_TAGS) -- rule: most-tags
  local lanes = 0
  for _, owner in ipairs(redis.call('SRANDMEMBER', gate .. ':parked', 20)) do
    if lanes < 2 * MAX_UNPARKED and not owner_blocked(owner) then lanes = lanes + gate_unpark(gate, owner) end -- rule: owner-free
  end
  if not (has_type(list, 'list') and has_type(RQ_QUEUES, 'set')) then return end
  local missing = tonumber(redis.call('HGET', gate, 'waiting') or 0) - redis.call('LLEN', list) -- rule: placeholders
  if missing < 0 then redis.call('LPOP', list, math.min(-missing, MAX_PLACEHOLDERS)) end
  for _ = 1, math.min(missing, MAX_PLACEHOLDERS) do redis.call('RPUSH', list, 'waiting') end
  if missing > 0 then redis.call('SADD', RQ_QUEUES, list) end
end

