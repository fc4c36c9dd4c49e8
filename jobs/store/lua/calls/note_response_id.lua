-- Stores the provider's id of a response, by which another lore_service can follow it to its end.
-- KEYS[1] hash  the row of the call
-- ARGV[1] fencing token of the purchase
-- ARGV[2] response id
-- Returns {'ok'} | {'gone'}
require_type(KEYS[1], 'hash')
local values = redis.call('HMGET', KEYS[1], 'state', 'fencing_token')
if values[1] ~= 'intent' or values[2] ~= ARGV[1] then return { 'gone' } end -- rule: fence
redis.call('HSET', KEYS[1], 'response_id', ARGV[2])
return { 'ok' }
