-- Renews the leases of one lore_service's calls in flight, stores their text so far, and returns which of them
-- must stop.
-- KEYS[1] zset  calls in flight
-- ARGV[1] lease holder
-- ARGV[2] lease in ms
-- ARGV[3...] two for each call: call_id, text so far; '' keeps the stored text
-- Returns for each call 'ok' | 'cancel' | 'lost', in order
require_type(KEYS[1], 'zset')
local due = now_ms() + ARGV[2]
local answers = {}
for i = 3, #ARGV, 2 do
  local call_id, text = ARGV[i], ARGV[i + 1]
  local row = CALL .. call_id
  local values = has_type(row, 'hash') and redis.call('HMGET', row, 'state', 'lease_holder', 'cancel', 'pool') or {}
  if values[1] ~= 'intent' or values[2] ~= ARGV[1] then -- rule: fence
    answers[#answers + 1] = 'lost'
  else
    if text ~= '' then redis.call('HSET', row, 'text', text) end -- rule: empty-text
    redis.call('ZADD', KEYS[1], due, call_id) -- rule: lease
    pool_renew(values[4], call_id, due) -- rule: room
    answers[#answers + 1] = values[3] and 'cancel' or 'ok' -- rule: cancel
  end
end
return answers
