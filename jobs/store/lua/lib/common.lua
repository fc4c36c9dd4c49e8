-- Part 1 of every script: the clock, the keys of a job, and type checks.
-- No cjson: JSON is opaque here. Time is that of Redis, in milliseconds.

local DAY_MS = 86400000
local BILL_MS = DAY_MS -- ledger rows whose job is gone, and tombstones
local TTL_MARGIN_MS = 60000 -- after the retention, when `jobs/expire` deletes
local CONTENT_MS = 600000 -- from the end of a job that is not stored until its content is removed
local MAX_UPDATES_AGE_MS = 600000
local SDK_RETRY_MS = 7200000 -- how long a retry finds a job that was not delivered, after its last request
local SDK_DELIVERED_MS, LATE_REQUEST_MS = 900000, 60000 -- likewise a delivered one; how late a first request may come
local MAX_UPDATES, MAX_ALL_UPDATES, MAX_KEY_CHANGES, MAX_CALLS = 1000, 20000, 1000, 1000

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function job_keys(id)
  local job = JOB .. id
  return { job = job, updates = job .. ':updates', steps = job .. ':steps', calls = job .. ':calls', shared = job .. ':shared' }
end

-- Returns a value as Python's urllib.parse.quote(value, safe='') writes it.
local function quoted(value)
  return (string.gsub(value, '[^%w_.~-]', function(char) return string.format('%%%02X', string.byte(char)) end))
end

-- Returns a field of a flat list of names and values; nothing when it is not there.
local function field_of(fields, name)
  for i = 1, #fields, 2 do if fields[i] == name then return fields[i + 1] end end
end

-- Caches the type of each key: nothing else writes while a script runs.
local types = {}
local function has_type(key, expected)
  local actual = types[key] or redis.call('TYPE', key).ok
  types[key] = actual
  return actual == 'none' or actual == expected
end

-- Fails before the first write when a key has another type, because Lua does not roll back.
local function require_type(key, expected)
  if not has_type(key, expected) then error('WRONGTYPE ' .. key .. ' is not a ' .. expected) end
end

-- Scripts for many jobs skip a damaged one, so that it does not block the others.
local function is_intact(id)
  local keys = job_keys(id)
  return has_type(keys.job, 'hash') and has_type(keys.updates, 'stream') and has_type(keys.calls, 'set')
end

-- Returns the ms that an ended job is kept.
local function retention_ms(job)
  return math.floor(1000 * (redis.call('HGET', job, 'retention_s') or DAY_MS / 1000))
end

-- Whether the content of a job is removed after its end.
local function is_unstored(job) return redis.call('HGET', job, 'store') == '0' end

-- Returns whose cached responses a job uses: its team's, or those of a user without a team.
local function response_owner(job)
  local owner = redis.call('HMGET', job, 'team_id', 'user_id')
  return owner[1] and 'team:' .. owner[1] or 'user:' .. (owner[2] or '') -- rule: response-owner
end

-- Counts accepted work. Call it before the first write, because it fails when the key is of another type.
local function next_epoch() return redis.call('INCR', EPOCH) end

local function require_indexes()
  require_type(DEADLINES, 'zset')
  require_type(UPDATES, 'stream')
end

local function require_job(id)
  if not is_intact(id) then error('WRONGTYPE a key of job ' .. id .. ' is of another type') end -- rule: job-types
  require_indexes() -- rule: index-types
end

