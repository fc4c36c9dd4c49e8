-- Takes a budget away; what is counted stays until its time, and counts again if the budget comes back.
-- KEYS[1] hash  the budget
-- KEYS[2] set   names of all budgets
-- ARGV[1] name of the budget: scope:id
-- Returns {'ok'} | {'gone'}
expect(KEYS[1], 'hash')
expect(KEYS[2], 'set')
redis.call('SREM', KEYS[2], ARGV[1])
return { redis.call('DEL', KEYS[1]) == 1 and 'ok' or 'gone' }
