-- Notes the id under which the provider itself knows a call: with it, whoever takes the call over
-- follows the same generation to its end instead of giving it up.
-- KEYS[1] hash  the row of the call
-- ARGV[1] ticket of the purchase
-- ARGV[2] response id
-- Returns {'ok'} | {'gone'}
expect(KEYS[1], 'hash')
local seen = redis.call('HMGET', KEYS[1], 'state', 'ticket')
if seen[1] ~= 'intent' or seen[2] ~= ARGV[1] then return { 'gone' } end
redis.call('HSET', KEYS[1], 'response_id', ARGV[2])
return { 'ok' }
