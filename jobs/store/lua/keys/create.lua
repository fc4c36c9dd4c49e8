-- Stores a new API key.
-- KEYS[1] hash   the key
-- KEYS[2] zset   the ids of all keys
-- KEYS[3] stream changed keys
-- ARGV[1] id of the key
-- ARGV[2] SHA-256 of the key
-- ARGV[3] ms until it expires
-- ARGV[4...] its other fields, name and value in turn
-- Returns {'ok', name, value, ...} with the stored fields | {'exists'} when the id is taken by another key
require_type(KEYS[1], 'hash')
require_type(KEYS[2], 'zset')
require_type(KEYS[3], 'stream')
local known = redis.call('HGET', KEYS[1], 'hash')
if known and known ~= ARGV[2] then return { 'exists' } end -- rule: taken
if not known then
  local now = now_ms()
  redis.call('HSET', KEYS[1], 'id', ARGV[1], 'hash', ARGV[2], 'created_ms', now, 'lifetime_ms', ARGV[3],
    'expires_ms', now + ARGV[3], unpack(ARGV, 4))
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', MAX_KEY_CHANGES, '*', 'id', ARGV[1])
end
return { 'ok', unpack(redis.call('HGETALL', KEYS[1])) }
