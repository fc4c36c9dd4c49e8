-- Part 8 of every script: the content of a job is stored once.
local CONTENT_EVENTS = { delta = true, item = true }

-- Removes deltas and items, which the result repeats and which are most of a stream's size. Writes the stream again,
-- because deleted entries do not free memory.
local function drop_content(key)
  local entries, dropped = {}, 0
  for _, entry in ipairs(redis.call('XRANGE', key, '-', '+')) do
    if CONTENT_EVENTS[entry[2][2]] then dropped = dropped + 1 else entries[#entries + 1] = entry end
  end
  if dropped == 0 then return end
  redis.call('DEL', key)
  for _, entry in ipairs(entries) do redis.call('XADD', key, entry[1], unpack(entry[2])) end
end

-- Removes what the result repeats: of a completed job its steps and the texts of its calls, else the texts of calls whose
-- step is checkpointed, because a retry reads the step.
local function drop_copies(keys, status)
  for _, call_id in ipairs(redis.call('SMEMBERS', keys.calls)) do
    local row = CALL .. call_id
    local state = has_type(row, 'hash') and redis.call('HGET', row, 'state')
    local step = string.match(call_id, '^[^/]+/([^/~]+)')
    local is_copy = status == 'completed' or (has_type(keys.steps, 'hash') and redis.call('HEXISTS', keys.steps, step) == 1)
    if state and state ~= 'intent' and is_copy then redis.call('HDEL', row, 'text') end -- rule: copies
  end
  if status == 'completed' then redis.call('DEL', keys.steps) end -- rule: steps
end
