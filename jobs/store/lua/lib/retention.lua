-- Part 8 of every script: how long an ended job is kept.

-- Sets the TTL of a ledger row whose job has ended, or is gone.
local function expire_call(row, job)
  local left = redis.call('PTTL', job)
  redis.call('PEXPIRE', row, left > 0 and left or BILL_MS)
end

-- Removes an ended job. Its ledger rows stay as bills, without text: until their TTL, or one in flight for a day.
local function remove_job(id)
  local keys = job_keys(id)
  for _, call_id in ipairs(has_type(keys.calls, 'set') and redis.call('SMEMBERS', keys.calls) or {}) do
    local row = CALL .. call_id
    local is_open = has_type(row, 'hash') and redis.call('HGET', row, 'state') == 'intent'
    if has_type(row, 'hash') then redis.call('HDEL', row, 'text') end -- rule: text
    if is_open then redis.call('PEXPIRE', row, BILL_MS) end -- rule: open-call
  end
  unindex_job(id)
  redis.call('DEL', keys.job, keys.updates, keys.steps, keys.calls)
end

