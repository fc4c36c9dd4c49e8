-- Deletes a budget. Its spend hashes live until their TTL, and count again if the budget is set again.
-- KEYS[1] hash  the budget
-- KEYS[2] set   names of all budgets
-- ARGV[1] name of the budget: scope:id
-- Returns {'ok'} | {'gone'}
require_type(KEYS[1], 'hash')
require_type(KEYS[2], 'set')
redis.call('SREM', KEYS[2], ARGV[1])
return { redis.call('DEL', KEYS[1]) == 1 and 'ok' or 'gone' }
