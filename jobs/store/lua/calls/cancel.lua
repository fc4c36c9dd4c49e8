-- Marks a call as cancelled, for the lore_service that runs it.
-- KEYS[1] hash  the row of the call
-- Returns {previous state} | {'absent'}
require_type(KEYS[1], 'hash')
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return { 'absent' } end
if state == 'intent' then redis.call('HSET', KEYS[1], 'cancel', '1') end -- rule: in-flight
return { state }
