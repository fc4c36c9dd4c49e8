-- Notes when a secret of an API key was last used.
-- KEYS[1] hash the key
-- ARGV[1] SHA-256 of the key that was used
-- Returns {'ok'} | {'gone'} when the key no longer has this secret
require_type(KEYS[1], 'hash')
local hash, previous = unpack(redis.call('HMGET', KEYS[1], 'hash', 'previous_hash'))
if ARGV[1] ~= hash and ARGV[1] ~= previous then return { 'gone' } end
redis.call('HSET', KEYS[1], ARGV[1] == hash and 'used_ms' or 'previous_used_ms', now_ms())
return { 'ok' }
