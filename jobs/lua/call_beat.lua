-- Renews the leases of one lore_service's calls in flight, keeps the text they have so far, and
-- says which of them somebody wants stopped.
-- KEYS[1] zset  calls in flight
-- ARGV[1] owner
-- ARGV[2] ms that leases last
-- ARGV[3...] two for each call: call_id, text so far; an empty text keeps the old one
-- Returns for each call 'ok' | 'cancel' | 'lost', in order
expect(KEYS[1], 'zset')
local due = now_ms() + ARGV[2]
local answers = {}
for i = 3, #ARGV, 2 do
  local call_id, text = ARGV[i], ARGV[i + 1]
  local row = 'call:' .. call_id
  local seen = fits(row, 'hash') and redis.call('HMGET', row, 'state', 'owner', 'cancel') or {}
  if seen[1] ~= 'intent' or seen[2] ~= ARGV[1] then
    answers[#answers + 1] = 'lost'
  else
    if text ~= '' then redis.call('HSET', row, 'text', text) end
    redis.call('ZADD', KEYS[1], due, call_id)
    answers[#answers + 1] = seen[3] and 'cancel' or 'ok'
  end
end
return answers
