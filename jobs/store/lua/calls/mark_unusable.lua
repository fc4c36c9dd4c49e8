-- Marks a finished call whose text cannot be used: it stays paid and visible, but is never replayed.
-- KEYS[1] hash  the row of the call
-- ARGV[1] reason, for people
-- Returns {'ok'} | {'gone'}
require_type(KEYS[1], 'hash')
if redis.call('HGET', KEYS[1], 'state') ~= 'done' then return { 'gone' } end -- rule: done
redis.call('HSET', KEYS[1], 'usable', '0', 'error', ARGV[1]) -- rule: unusable
return { 'ok' }
