-- Ends a browser session, and in every process the event streams that it has opened.
-- KEYS[1] string the session
-- KEYS[2] stream changed credentials
-- ARGV[1] id of the session
-- Returns {'ok', the session as JSON} | {'gone'}
require_type(KEYS[1], 'string')
require_type(KEYS[2], 'stream')
local session = redis.call('GET', KEYS[1])
if not session then return { 'gone' } end
redis.call('DEL', KEYS[1])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', MAX_KEY_CHANGES, '*', 'id', ARGV[1])
return { 'ok', session }
