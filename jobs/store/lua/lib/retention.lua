-- Part 21 of every script: how long an ended job is kept.

-- Sets the TTL of a ledger row whose job has ended, or is gone.
local function expire_call(row, job)
  local left = redis.call('PTTL', job)
  redis.call('PEXPIRE', row, left > 0 and left or BILL_MS)
end

-- Removes the texts of a job's calls, and its events from the stream of all jobs. A call in flight keeps its row.
local function remove_texts(keys)
  for _, call_id in ipairs(has_type(keys.calls, 'set') and redis.call('SMEMBERS', keys.calls) or {}) do
    local row = CALL .. call_id
    local is_open = has_type(row, 'hash') and redis.call('HGET', row, 'state') == 'intent'
    if has_type(row, 'hash') then redis.call('HDEL', row, 'text') end -- rule: text
    if is_open then redis.call('PEXPIRE', row, BILL_MS) end -- rule: open-call
  end
  for _, entry in ipairs(has_type(keys.shared, 'set') and redis.call('SMEMBERS', keys.shared) or {}) do
    if has_type(UPDATES, 'stream') then redis.call('XDEL', UPDATES, entry) end -- rule: shared
  end
  redis.call('DEL', keys.steps, keys.shared)
end

-- Removes an ended job. Its ledger rows stay as bills, without text: until their TTL, or one in flight for a day.
local function remove_job(id)
  local keys = job_keys(id)
  remove_texts(keys)
  unindex_job(id)
  redis.call('DEL', keys.job, keys.updates, keys.calls)
end

-- Removes payload, result and texts of an ended job. Its record stays, with what it cost.
local function remove_content(id, now)
  local keys = job_keys(id)
  remove_texts(keys)
  unindex(CONTENT, id)
  redis.call('HDEL', keys.job, 'result', 'partial_result', 'metadata')
  redis.call('HSET', keys.job, 'payload', '{}', 'content_removed_ms', now)
  redis.call('HINCRBY', keys.job, 'version', 1)
end

