-- Keeps the answer to a request, so that an identical one need not be bought. The oldest go when there
-- are too many.
-- KEYS[1] hash  the kept answer
-- KEYS[2] zset  all that are kept, by the ms of their expiry
-- ARGV[1] fingerprint of the request
-- ARGV[2] ms that it is kept
-- ARGV[3] how many are kept, at most
-- ARGV[4...] fields of a row of the ledger, name and value in turn
-- Returns {how many were dropped for it}
expect(KEYS[1], 'hash')
expect(KEYS[2], 'zset')
local now = now_ms()
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local too_many = redis.call('ZCARD', KEYS[2]) - ARGV[3]
local dropped = too_many > 0 and redis.call('ZRANGE', KEYS[2], 0, too_many - 1) or {}
for _, request in ipairs(dropped) do
  redis.call('DEL', 'answer:' .. request)
  redis.call('ZREM', KEYS[2], request)
end
return { #dropped }
