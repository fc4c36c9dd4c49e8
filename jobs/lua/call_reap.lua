-- Gives up the calls whose lore_service no longer renews its lease: the request may have been
-- bought and nobody can know, so it becomes unknown and keeps the text that had arrived. One that
-- the provider knows by a response id is handed to the asker instead, to be resumed.
-- KEYS[1] zset  calls in flight
-- ARGV[1] how many, at most
-- ARGV[2] the asking lore_service
-- ARGV[3] ms that its lease lasts
-- Returns a flat list of three for each call: call_id, 'unknown' | 'resume', response id or ''
-- Updates: cost
local now = now_ms()
local answers = {}
for _, call_id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  local row = 'call:' .. call_id
  local seen = fits(row, 'hash') and redis.call('HMGET', row, 'state', 'response_id', 'job_id') or {}
  local what = ''
  if seen[1] ~= 'intent' then
    redis.call('ZREM', KEYS[1], call_id)
    if not seen[1] then forfeit(call_id) end
  elseif seen[2] and seen[2] ~= '' then
    redis.call('HSET', row, 'owner', ARGV[2])
    redis.call('ZADD', KEYS[1], now + ARGV[3], call_id)
    what = 'resume'
  else
    local job = 'job:' .. seen[3]
    local status = fits(job, 'hash') and redis.call('HGET', job, 'status')
    redis.call('HSET', row, 'state', 'unknown', 'settled_ms', now)
    redis.call('ZREM', KEYS[1], call_id)
    if status ~= 'pending' and status ~= 'processing' then redis.call('PEXPIRE', row, RETENTION_MS) end
    settle_late(call_id)
    note_cost(call_id, now)
    what = 'unknown'
  end
  if what ~= '' then
    for _, value in ipairs({ call_id, what, seen[2] or '' }) do answers[#answers + 1] = value end
  end
end
return answers
