-- Caches a response for identical requests of the same owner. Evicts the oldest responses above the maximum.
-- KEYS[1] hash  the job; when it is gone or not stored, nothing is cached
-- KEYS[2] zset  all cached responses, by the ms of their expiry
-- ARGV[1] fingerprint of the request
-- ARGV[2] TTL in ms
-- ARGV[3] maximum number of cached responses
-- ARGV[4...] fields of a row of the ledger, name and value in turn
-- Returns {number of evicted responses}
require_type(KEYS[1], 'hash')
require_type(KEYS[2], 'zset')
if redis.call('EXISTS', KEYS[1]) == 0 then return { 0 } end -- rule: gone
if is_unstored(KEYS[1]) then return { 0 } end -- rule: unstored
local request = response_owner(KEYS[1]) .. ':' .. ARGV[1]
require_type(RESPONSE .. request, 'hash')
local now = now_ms()
redis.call('DEL', RESPONSE .. request)
redis.call('HSET', RESPONSE .. request, 'user_id', redis.call('HGET', KEYS[1], 'user_id') or '', unpack(ARGV, 4)) -- rule: user
redis.call('PEXPIRE', RESPONSE .. request, ARGV[2]) -- rule: ttl
redis.call('ZADD', KEYS[2], now + ARGV[2], request)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now) -- rule: expired
local too_many = redis.call('ZCARD', KEYS[2]) - ARGV[3]
local dropped = too_many > 0 and redis.call('ZRANGE', KEYS[2], 0, too_many - 1) or {} -- rule: cap
for _, oldest in ipairs(dropped) do
  redis.call('DEL', RESPONSE .. oldest)
  redis.call('ZREM', KEYS[2], oldest)
end
return { #dropped }
