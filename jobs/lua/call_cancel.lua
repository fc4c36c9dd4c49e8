-- Asks for a call to be stopped, whichever lore_service runs it.
-- KEYS[1] hash  the row of the call
-- Returns {state before, owner} | {'absent', ''}
expect(KEYS[1], 'hash')
local seen = redis.call('HMGET', KEYS[1], 'state', 'owner')
if not seen[1] then return { 'absent', '' } end
if seen[1] == 'intent' then redis.call('HSET', KEYS[1], 'cancel', '1') end
return { seen[1], seen[2] }
