-- Gives an API key a new secret and a new term; the old secret stays valid for a while. A secret that has never
-- been used is replaced for good: its response was lost, and clients still use the one before.
-- KEYS[1] hash   the key
-- KEYS[2] stream changed keys
-- ARGV[1] id of the key
-- ARGV[2] SHA-256 of the new key
-- ARGV[3] ms for which the old secret stays valid
-- Returns {'ok', name, value, ...} with the stored fields | {'gone'} | {'revoked'}
require_type(KEYS[1], 'hash')
require_type(KEYS[2], 'stream')
local hash, lifetime_ms, revoked_ms, used_ms, previous, until_ms = unpack(redis.call('HMGET', KEYS[1],
  'hash', 'lifetime_ms', 'revoked_ms', 'used_ms', 'previous_hash', 'previous_until_ms'))
if not hash then return { 'gone' } end
if revoked_ms then return { 'revoked' } end -- rule: revoked
if hash ~= ARGV[2] then
  local now = now_ms()
  if used_ms or not previous or tonumber(until_ms) <= now then -- rule: unused
    redis.call('HSET', KEYS[1], 'previous_hash', hash, 'previous_used_ms', used_ms or 0)
  end
  redis.call('HSET', KEYS[1], 'hash', ARGV[2], 'previous_until_ms', now + ARGV[3], 'expires_ms', now + lifetime_ms)
  redis.call('HDEL', KEYS[1], 'used_ms')
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', MAX_KEY_CHANGES, '*', 'id', ARGV[1])
end
return { 'ok', unpack(redis.call('HGETALL', KEYS[1])) }
