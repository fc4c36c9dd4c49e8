-- Reads pools: their limits, what is left of them, and the calls in flight.
-- KEYS[1] set names of all pools
-- ARGV[1] maximum number of pools
-- ARGV[2...] names; none for all
-- Returns a list for each: {name, requests left or '', tokens left or '', calls in flight, ms when a closed one opens or '', field,
--   value, ...}
local names = { unpack(ARGV, 2) }
if #names == 0 and has_type(KEYS[1], 'set') then names = redis.call('SMEMBERS', KEYS[1]) end
table.sort(names)
local now, reply = now_ms(), {}
for _, name in ipairs(names) do
  local pool = pool_of(name, now)
  local fields = pool.is_usable and redis.call('HGETALL', pool.key) or {}
  if #fields > 0 then
    local closed_until = tonumber(pool.stored.closed_until_ms or '') or 0
    reply[#reply + 1] = { name, tostring(pool.requests_left or ''), tostring(pool.tokens_left or ''), places_taken(pool, now),
      closed_until > now and closed_until or '', unpack(fields) } -- rule: opened
  end
  if #reply == tonumber(ARGV[1]) then break end -- rule: most-pools
end
return reply
