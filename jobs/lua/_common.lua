-- Prepended to every script: the clock, the keys of a job, and the three things that more than one
-- script does: note an update, close a job, and hand a call back. JSON is opaque here: no cjson.
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

local function fits(key, wanted)
  local found = redis.call('TYPE', key).ok
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

-- Writes fields (a flat list) into the job with a new version, and appends the update that a
-- watcher sees. Extra: a flat list of fields for the update alone.
local function note(id, now, kind, fields, extra)
  local keys = job_keys(id)
  redis.call('HSET', keys.job, 'updated_ms', now, unpack(fields))
  local version = redis.call('HINCRBY', keys.job, 'version', 1)
  local seen = redis.call('HMGET', keys.job, 'status', 'phase', 'progress', 'progress_source', 'message', 'attempt', 'user_id')
  local update = { 'type', kind, 'version', version, 'at_ms', now, 'status', seen[1], 'phase', seen[2] or '',
    'progress', seen[3], 'source', seen[4], 'message', seen[5] or '', 'attempt', seen[6] }
  for _, value in ipairs(extra or {}) do update[#update + 1] = value end
  local entry = redis.call('XADD', keys.updates, 'MAXLEN', '~', UPDATES_KEPT, '*', unpack(update))
  redis.call('XADD', 'updates', 'MAXLEN', '~', ALL_UPDATES_KEPT, '*', 'job', id, 'entry', entry,
    'user_id', seen[7] or '', unpack(update))
  return version
end

-- The end of a job: status, fields, off the due index, and one time to live for all its keys.
local function close(id, now, status, phase, fields)
  local keys = job_keys(id)
  fields[#fields + 1] = 'status'
  fields[#fields + 1] = status
  for _, value in ipairs({ 'phase', phase, 'progress_source', 'terminal', 'owner', '', 'lease_ms', 0,
    'next_try_ms', 0, 'completed_ms', now, 'expires_ms', now + RETENTION_MS }) do fields[#fields + 1] = value end
  note(id, now, 'done', fields)
  redis.call('ZREM', 'due', id)
  local idempotency = redis.call('HGET', keys.job, 'idempotency_slot')
  for _, key in ipairs({ keys.job, keys.updates, keys.steps, keys.calls, idempotency or keys.job }) do
    redis.call('PEXPIRE', key, RETENTION_MS)
  end
  for _, call_id in ipairs(redis.call('SMEMBERS', keys.calls)) do
    redis.call('PEXPIRE', 'call:' .. call_id, RETENTION_MS)
  end
end

-- Nobody owns the job any more, whoever did; a new attempt may be claimed. The old one is fenced off.
local function disown(id, now, phase, message, look_ms)
  local attempt = redis.call('HINCRBY', 'job:' .. id, 'attempt', 1)
  note(id, now, 'status', { 'owner', '', 'lease_ms', 0, 'phase', phase, 'message', message })
  redis.call('ZADD', 'due', look_ms, id)
  return attempt
end

