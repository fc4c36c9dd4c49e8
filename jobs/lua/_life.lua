-- Prepended to every script, last: the three things in the life of a job that more than one script
-- does. It is noted, it is closed, it is handed back.

-- Writes fields (a flat list) into the job with a new version, and appends the update that a
-- watcher sees. Extra: a flat list of fields for the update alone.
local function note(id, now, kind, fields, extra)
  local keys = job_keys(id)
  local before = redis.call('HGET', keys.job, 'status')
  redis.call('HSET', keys.job, 'updated_ms', now, unpack(fields))
  local version = redis.call('HINCRBY', keys.job, 'version', 1)
  local seen = redis.call('HMGET', keys.job, 'status', 'phase', 'progress', 'progress_source', 'message', 'attempt', 'user_id',
    'session_id', 'created_ms')
  if seen[1] ~= before then move_status(id, before, seen[1], seen[9]) end
  local update = { 'type', kind, 'version', version, 'at_ms', now, 'status', seen[1], 'phase', seen[2] or '',
    'progress', seen[3], 'source', seen[4], 'message', seen[5] or '', 'attempt', seen[6] }
  for _, value in ipairs(extra or {}) do update[#update + 1] = value end
  local entry = redis.call('XADD', keys.updates, 'MAXLEN', '~', UPDATES_KEPT, '*', unpack(update))
  redis.call('XADD', 'updates', 'MAXLEN', '~', ALL_UPDATES_KEPT, '*', 'job', id, 'entry', entry,
    'user_id', seen[7] or '', 'session_id', seen[8] or '', unpack(update))
  return version
end

-- A call of a running job has settled: what the job has cost so far, for those who watch. Nothing damaged
-- may keep a call from settling.
local function note_cost(call_id, now)
  local id, step = string.match(call_id, '^([^/]+)/(.*)/')
  local sound = intact(id) and fits('updates', 'stream')
  local seen = sound and redis.call('HMGET', 'job:' .. id, 'status', 'spent_micros', 'unpriced') or {}
  if seen[1] ~= 'pending' and seen[1] ~= 'processing' then return end
  note(id, now, 'cost', {}, { 'step', step, 'place', seen[3] or 0, 'content', seen[2] or '' })
end

-- Leaves out the pieces of text, which the result has whole: they are most of what a stream weighs, and
-- a day of them would fill a small machine. Made anew, because a stream gives deleted entries no room back.
local function drop_deltas(key)
  local kept, deltas = {}, 0
  for _, entry in ipairs(redis.call('XRANGE', key, '-', '+')) do
    if entry[2][2] == 'delta' then deltas = deltas + 1 else kept[#kept + 1] = entry end
  end
  if deltas == 0 then return end
  redis.call('DEL', key)
  for _, entry in ipairs(kept) do redis.call('XADD', key, entry[1], unpack(entry[2])) end
end

-- The end of a job: status, fields, off the due index, and one time to live for all its keys.
local function close(id, now, status, phase, fields)
  local keys = job_keys(id)
  fields[#fields + 1] = 'status'
  fields[#fields + 1] = status
  for _, value in ipairs({ 'phase', phase, 'progress_source', 'terminal', 'owner', '', 'lease_ms', 0,
    'next_try_ms', 0, 'completed_ms', now, 'expires_ms', now + RETENTION_MS }) do fields[#fields + 1] = value end
  settle(id)
  for _, value in ipairs(figures(id)) do fields[#fields + 1] = value end
  note(id, now, 'done', fields)
  post(id)
  drop_deltas(keys.updates)
  redis.call('ZREM', 'due', id)
  local seen = redis.call('HMGET', keys.job, 'created_ms', 'started_ms', 'spent_micros', 'idempotency_slot')
  index('jobs:ended', now + RETENTION_MS, id)
  index('jobs:by:unseen:yes', seen[1], id)
  index('jobs:lasted', now - (seen[2] or now), id)
  index('jobs:cost', seen[3], id)
  for _, key in ipairs({ keys.job, keys.updates, keys.steps, keys.calls, seen[4] or keys.job }) do
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

