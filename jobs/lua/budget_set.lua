-- Makes a budget, or replaces its terms. What was spent in its window while nobody counted (the budget
-- is new, or Redis was lost) the caller knows from the archive; it counts when nothing else does.
-- KEYS[1] hash  the budget
-- KEYS[2] set   names of all budgets
-- ARGV[1] name of the budget: scope:id
-- ARGV[2] micro-dollars that were spent in the window of now
-- ARGV[3...] its fields, name and value in turn
-- Returns {'ok'}
expect(KEYS[1], 'hash')
expect(KEYS[2], 'set')
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('SADD', KEYS[2], ARGV[1])
local spend = budget_of(ARGV[1], now_ms()).spend
if fits(spend, 'hash') and redis.call('HSETNX', spend, 'spent', ARGV[2]) == 1 then keep(spend) end
return { 'ok' }
