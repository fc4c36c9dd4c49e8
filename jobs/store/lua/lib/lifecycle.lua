-- Part 20 of every script: transitions of a job that several scripts share.

-- Writes fields (a flat list) into the job with a new version, and appends an event. Extra: a flat list of fields of
-- the event only. The first event of a job is in the stream of all jobs only, with an id before those of its own stream:
-- a stream takes 4 kB, and a job may wait for long. The api makes it of the record.
local function record_event(id, now, kind, fields, extra)
  local keys = job_keys(id)
  local before = redis.call('HGET', keys.job, 'status')
  redis.call('HSET', keys.job, kind == 'created' and 'created_ms' or 'updated_ms', now, unpack(fields))
  local version = redis.call('HINCRBY', keys.job, 'version', 1) -- rule: version
  local values = redis.call('HMGET', keys.job, 'status', 'phase', 'progress', 'progress_source', 'message', 'attempt', 'user_id',
    'session_id', 'created_ms', 'cancel_reason', 'team_id', 'delegate', 'created_by', 'cancelled_by')
  if values[1] ~= before then move_status(id, before, values[1], values[9]) end -- rule: status-index
  local update = { 'type', kind, 'version', version, 'at_ms', now, 'status', values[1], 'phase', values[2] or '',
    'progress', values[3], 'source', values[4], 'message', values[5] or '', 'attempt', values[6] }
  for _, value in ipairs(extra or {}) do update[#update + 1] = value end
  if (kind == 'status' or kind == 'done') and (values[10] or '') ~= '' then -- rule: cancel-reason
    update[#update + 1] = 'cancel_reason'
    update[#update + 1] = values[10]
  end
  local actor = kind == 'created' and values[13] or (kind == 'status' or kind == 'done') and values[14]
  if actor then -- rule: actor
    update[#update + 1] = 'by'
    update[#update + 1] = actor
  end
  local entry = now - 1 .. '-0'
  if kind ~= 'created' then entry = redis.call('XADD', keys.updates, 'MAXLEN', '~', MAX_UPDATES, '*', unpack(update)) end -- rule: capped
  local shared = redis.call('XADD', UPDATES, 'MAXLEN', '~', MAX_ALL_UPDATES, '*', 'job', id, 'entry', entry,
    'user_id', values[7] or '', 'session_id', values[8] or '', 'team_id', values[11] or '', 'delegate', values[12] or '', unpack(update))
  if CONTENT_EVENTS[kind] and is_unstored(keys.job) and has_type(keys.shared, 'set') then redis.call('SADD', keys.shared, shared) end -- rule: shared
  return version
end

-- Appends the cost so far after a call settled. Skips damaged jobs, so that every call can settle.
local function record_cost(call_id, now)
  local id, step = string.match(call_id, '^([^/]+)/(.*)/')
  local is_valid = is_intact(id) and has_type(UPDATES, 'stream')
  local values = is_valid and redis.call('HMGET', JOB .. id, 'status', 'spent_micros', 'unpriced') or {}
  if values[1] ~= 'pending' and values[1] ~= 'processing' then return end
  record_event(id, now, 'cost', {}, { 'step', step, 'unpriced', values[3] or 0, 'spent_micros', values[2] or '' })
end

-- Ends a job: status, fields, removal from the deadlines, and one TTL for all its keys. `jobs/expire` deletes them a
-- little earlier. What there is of it stays readable, also when the caller has no partial result.
local function finish_job(id, now, status, phase, fields)
  local keys, has_partial = job_keys(id), status == 'completed'
  local retention = retention_ms(keys.job)
  gate_done(id, field_of(fields, 'used_tokens') or redis.call('HGET', keys.job, 'used_tokens') or 0, now)
  for i = 1, #fields, 2 do has_partial = has_partial or fields[i] == 'partial_result' end
  local partial = not has_partial and partial_result(id) -- rule: partial-result
  if partial then
    fields[#fields + 1] = 'partial_result'
    fields[#fields + 1] = partial
  end
  fields[#fields + 1] = 'status'
  fields[#fields + 1] = status
  for _, value in ipairs({ 'phase', phase, 'progress_source', 'terminal', 'lease_holder', '', 'lease_ms', 0,
    'next_try_ms', 0, 'completed_ms', now, 'expires_ms', now + retention }) do fields[#fields + 1] = value end
  settle_reservation(id) -- rule: settled
  for _, value in ipairs(cost_fields(id)) do fields[#fields + 1] = value end
  record_event(id, now, 'done', fields)
  append_outbox(id) -- rule: archived
  store_names(id, index_names(id)) -- rule: ended-names
  drop_content(keys.updates) -- rule: deltas
  drop_copies(keys, status)
  redis.call('ZREM', DEADLINES, id) -- rule: deadline-removed
  local values = redis.call('HMGET', keys.job, 'created_ms', 'started_ms', 'spent_micros', 'idempotency_slot')
  index(ENDED, now, id)
  index(EXPIRY, now + retention, id) -- rule: expiry
  if is_unstored(keys.job) then index(CONTENT, now + CONTENT_MS, id) end -- rule: unstored
  index(BY .. 'unseen:yes', values[1], id)
  index(DURATION, now - (values[2] or now), id)
  index(COST, values[3], id) -- rule: cost-index
  for _, key in ipairs({ keys.job, keys.updates, keys.steps, keys.calls, keys.shared, values[4] or keys.job }) do
    redis.call('PEXPIRE', key, retention + TTL_MARGIN_MS) -- rule: ttl
  end
  for _, call_id in ipairs(redis.call('SMEMBERS', keys.calls)) do
    redis.call('PEXPIRE', CALL .. call_id, retention + TTL_MARGIN_MS) -- rule: call-ttl
  end
end

-- Ends the lease: fences the old attempt, and a new one may be claimed.
local function release_lease(id, now, phase, message, look_ms)
  gate_done(id, nil, now)
  local attempt = redis.call('HINCRBY', JOB .. id, 'attempt', 1) -- rule: attempt
  record_event(id, now, 'status', { 'lease_holder', '', 'lease_ms', 0, 'phase', phase, 'message', message })
  redis.call('ZADD', DEADLINES, look_ms, id) -- rule: deadline
  return attempt
end

