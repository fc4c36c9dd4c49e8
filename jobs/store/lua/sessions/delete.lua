-- Ends a browser session, and in every process the event streams that it has opened.
-- KEYS[1] string the session
-- KEYS[2] stream changed credentials
-- KEYS[3] zset   the sessions of its owner
-- ARGV[1] id of the session
-- Returns {'ok'} | {'gone'}
require_type(KEYS[1], 'string')
require_type(KEYS[2], 'stream')
require_type(KEYS[3], 'zset')
if redis.call('DEL', KEYS[1]) == 0 then return { 'gone' } end
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', MAX_KEY_CHANGES, '*', 'id', ARGV[1])
return { 'ok' }
