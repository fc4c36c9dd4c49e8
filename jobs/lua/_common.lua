-- Prepended to every script, first: the clock, the keys of a job, and what types they must have.
-- JSON is opaque here: no cjson.
-- Time is Redis' own, in milliseconds; the clocks of processes are never compared.

local RETENTION_MS = 86400000
local UPDATES_KEPT, ALL_UPDATES_KEPT = 1000, 20000

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function job_keys(id)
  local job = 'job:' .. id
  return { job = job, updates = job .. ':updates', steps = job .. ':steps', calls = job .. ':calls' }
end

-- Asked once for each key: while a script runs, nobody else writes, and it writes what fits.
local types = {}
local function fits(key, wanted)
  local found = types[key] or redis.call('TYPE', key).ok
  types[key] = found
  return found == 'none' or found == wanted
end

-- The script stops before its first write when a key holds another type: Lua does not roll back.
local function expect(key, wanted)
  if not fits(key, wanted) then error('WRONGTYPE ' .. key .. ' is not a ' .. wanted) end
end

-- A script about many jobs passes over a damaged one as if it were gone, so that it harms no other.
local function intact(id)
  local keys = job_keys(id)
  return fits(keys.job, 'hash') and fits(keys.updates, 'stream') and fits(keys.calls, 'set')
end

local function expect_indexes()
  expect('due', 'zset')
  expect('updates', 'stream')
end

local function expect_job(id)
  if not intact(id) then error('WRONGTYPE a key of job ' .. id .. ' is of another type') end
  expect_indexes()
end

