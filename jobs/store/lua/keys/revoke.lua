-- Ends an API key at once. Its record stays, so that a server whose only key is revoked stays closed.
-- KEYS[1] hash   the key
-- KEYS[2] stream changed keys
-- ARGV[1] id of the key
-- Returns {'ok', name, value, ...} with the stored fields | {'gone'}
require_type(KEYS[1], 'hash')
require_type(KEYS[2], 'stream')
if redis.call('EXISTS', KEYS[1]) == 0 then return { 'gone' } end
if redis.call('HSETNX', KEYS[1], 'revoked_ms', now_ms()) == 1 then
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', MAX_KEY_CHANGES, '*', 'id', ARGV[1])
end
return { 'ok', unpack(redis.call('HGETALL', KEYS[1])) }
