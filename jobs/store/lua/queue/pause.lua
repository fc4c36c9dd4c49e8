-- Pauses or resumes a part of the queue. Jobs of what is paused wait; running ones go on.
-- KEYS[1] hash what is paused
-- ARGV[1] scope: all, or pool, type or owner with a colon and a name
-- ARGV[2] who paused it, when and why, as JSON; '' to resume
-- Returns {'ok', what was stored before or ''}
require_type(KEYS[1], 'hash')
local before = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) else redis.call('HDEL', KEYS[1], ARGV[1]) end -- rule: resumed
return { 'ok', before }
