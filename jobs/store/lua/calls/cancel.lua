-- Marks a call as cancelled, for the lore_service that runs it.
-- KEYS[1] hash  the row of the call
-- Returns {previous state, lease holder} | {'absent', ''}
require_type(KEYS[1], 'hash')
local values = redis.call('HMGET', KEYS[1], 'state', 'lease_holder')
if not values[1] then return { 'absent', '' } end
if values[1] == 'intent' then redis.call('HSET', KEYS[1], 'cancel', '1') end -- rule: in-flight
return { values[1], values[2] }
