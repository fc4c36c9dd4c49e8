-- Part 15 of every script: places at the gate. The gate decides when a job may start (docs/queue.md). Jobs wait in lanes, one
-- for each job type and pool, so that a closed pool holds back no other job. A lane has its owners by start tag, and each
-- owner its jobs by age.
local CLASS_SHARE = { interactive = 8, normal = 4, batch = 1 }
local UNKNOWN_TOKENS = 1000 -- of a job without an estimate
local MIN_TOKENS = 100 -- that a turn costs: jobs that fail or are cached use none, and take up slots

-- Names what can be paused.
local function scope(kind, name) return kind .. ':' .. name end

-- Names the pauses that hold back a job type of a pool, or of a list of pools.
local function pauses_of(job_type, pool)
  local scopes = { scope('type', job_type) }
  for _, name in ipairs(parts_of(pool)) do scopes[#scopes + 1] = scope('pool', name) end -- rule: paused-part
  return scopes
end

-- Returns whether one of some scopes was paused.
local function has_pause(scopes)
  for _, value in ipairs(redis.call('HMGET', PAUSED, unpack(scopes))) do
    if value then return true end
  end
  return false
end

local function owner_of(team, user) return team and team ~= '' and 'team:' .. team or 'user:' .. (user or '') end

local function split_lane(lane) return string.match(lane, '^([^|]*)|(.*)$') end

local function lane_key(gate, lane) return gate .. ':lane:' .. lane end

-- A line feed is in no name, so that no name of a model or owner can make the key of another.
local function jobs_key(gate, lane, owner) return gate .. ':jobs:' .. lane .. '\n' .. owner end

local PLACE_FIELDS = { 'queue', 'type', 'pool', 'team_id', 'user_id', 'priority', 'created_ms', 'retried_ms', 'expected_tokens',
  'expected_calls', 'attempt', 'lease_holder', 'start_by_ms', 'deadline_s', 'gate_cost', 'status' }

-- Returns where a job with these fields, by name, waits: its queue, lane and owner, and the keys of both.
local function place_with(id, job)
  local place = { id = id, queue = job.queue or '', type = job.type or '', pool = job.pool or '', owner = owner_of(job.team_id, job.user_id),
    attempt = job.attempt, priority = CLASS_SHARE[job.priority] and job.priority or 'normal', since = tonumber(job.retried_ms or job.created_ms or 0),
    tokens = tonumber(job.expected_tokens or UNKNOWN_TOKENS), cost = tonumber(job.gate_cost or 0),
    is_recovering = job.status == 'processing', is_unfinished = job.status == 'pending' or job.status == 'processing' }
  place.is_waiting = place.is_unfinished and job.lease_holder == ''
  place.fails_at = job.status == 'pending' and tonumber(job.start_by_ms) or job.deadline_s and place.since + 1000 * job.deadline_s or math.huge
  place.call_tokens = math.ceil(place.tokens / math.max(1, tonumber(job.expected_calls or 1)))
  place.gate = GATE .. place.queue
  place.lane = place.type .. '|' .. place.pool
  place.owners = lane_key(place.gate, place.lane)
  place.jobs = jobs_key(place.gate, place.lane, place.owner)
  return place
end

-- Returns where a job waits, or would wait; nothing without a record.
local function place_of(id)
  local job = {}
  for i, value in ipairs(redis.call('HMGET', JOB .. id, unpack(PLACE_FIELDS))) do job[PLACE_FIELDS[i]] = value or nil end
  return job.status and place_with(id, job) or nil
end

-- Returns by what the tokens of a job are divided.
local function share_of(place)
  return CLASS_SHARE[place.priority] * tonumber(redis.call('HGET', OWNER_LIMITS .. place.owner, 'weight') or 1)
end

local function is_gate_intact(gate)
  return has_type(gate, 'hash') and has_type(gate .. ':lanes', 'zset') and has_type(gate .. ':closed', 'zset')
    and has_type(gate .. ':tags', 'zset') and has_type(gate .. ':admitted', 'zset') and has_type(gate .. ':parked', 'set')
    and has_type(PAUSED, 'hash') and has_type(WORKER_SLOTS, 'hash')
end

local function is_place_intact(place)
  return has_type(JOB .. place.id, 'hash') and is_gate_intact(place.gate) and has_type(place.owners, 'zset') and has_type(place.jobs, 'zset')
    and has_type(place.gate .. ':parked:' .. place.owner, 'set') and has_type(RUNNING .. place.owner, 'set')
    and has_type(OWNER_LIMITS .. place.owner, 'hash')
end

-- Fails before the first write when a key of the gate has another type.
local function require_place(place)
  if place and not is_place_intact(place) then error('WRONGTYPE a key of the gate of job ' .. place.id .. ' is of another type') end
end

