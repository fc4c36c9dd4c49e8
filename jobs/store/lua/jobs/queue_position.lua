-- Looks up the one thing that a job waits for, and how many start before it.
-- KEYS[1] hash   the job
-- ARGV[1] id
-- Returns {'no_worker' | 'suspended' | 'paused' | 'queued' | 'next_try' | 'recovering' | 'pool_closed' | 'pool_requests' | 'pool_tokens'
--   | 'pool_concurrency' | 'owner_concurrency', position or 0, ms until that may change or 0, jobs that run at once}
--   | {'running'} | {'gone'}
local MAX_LANES = 16

-- Returns how many jobs start until one has started, itself included: those that are admitted, its owner's before it, and
-- as many of each other owner. With many owners it is an estimate from the first ones.
local function position_of(place)
  local admitted = redis.call('ZRANK', place.gate .. ':admitted', place.id)
  if admitted then return admitted + 1 end
  local rank = redis.call('ZRANK', place.jobs, place.id)
  if not rank then return 0 end
  local looked, others, jobs = 0, 0, 0
  for _, lane in ipairs(redis.call('ZRANGE', place.gate .. ':lanes', 0, MAX_LANES - 1)) do
    if has_type(lane_key(place.gate, lane), 'zset') then
      others = others + redis.call('ZCARD', lane_key(place.gate, lane))
      for _, owner in ipairs(looked < MAX_LOOKS and redis.call('ZRANGE', lane_key(place.gate, lane), 0, MAX_LOOKS - looked) or {}) do
        local key = jobs_key(place.gate, lane, owner)
        looked = looked + 1
        if owner ~= place.owner and has_type(key, 'zset') then jobs = jobs + math.min(redis.call('ZCARD', key), rank + 1) end -- rule: others-first
      end
    end
  end
  if looked > 0 then jobs = jobs * others / looked end
  local waiting = tonumber(redis.call('HGET', place.gate, 'waiting') or 0)
  return redis.call('ZCARD', place.gate .. ':admitted') + math.min(waiting, math.floor(jobs) + rank + 1)
end

local place = has_type(KEYS[1], 'hash') and place_of(ARGV[1])
if not place then return { 'gone' } end
if not place.is_waiting then return { 'running' } end
local now = now_ms()
local next_try = tonumber(redis.call('HGET', KEYS[1], 'next_try_ms') or 0) - now
if next_try > 0 then return { 'next_try', 0, next_try, 0 } end
local free, workers = free_slots(place.queue, now)
local function answer(reason, until_ms)
  local running = has_type(BY .. 'status:processing', 'zset') and redis.call('ZCARD', BY .. 'status:processing') or 0
  local position = is_gate_intact(place.gate) and position_of(place) or 0
  return { reason, position, until_ms or 0, running + free }
end
if redis.call('EXISTS', RQ_SUSPENDED) == 1 then return answer('suspended') end -- rule: suspended
if not is_place_intact(place) then return answer('queued') end
if is_paused(place) then return answer('paused') end -- rule: says-paused
if workers == 0 then return answer('no_worker') end
if is_admitted(place) then return answer(place.is_recovering and 'recovering' or 'queued') end
local blocked = owner_blocked(place.owner)
if blocked then return answer('owner_' .. blocked) end -- rule: says-owner
local wait, reason = pool_wait(place.pool, place.call_tokens, now)
if wait > 0 then return answer('pool_' .. reason, wait) end -- rule: says-pool
return answer(place.is_recovering and 'recovering' or 'queued')
