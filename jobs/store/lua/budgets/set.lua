-- Creates a budget or replaces its terms. Spend from before the budget, or before a loss of Redis, comes from the
-- archive; it is stored only where no spend is known.
-- KEYS[1] hash  the budget
-- KEYS[2] set   names of all budgets
-- ARGV[1] name of the budget: scope:id
-- ARGV[2] micro-dollars spent in the current window
-- ARGV[3...] its terms, name and value in turn
-- Returns {'ok'}
require_type(KEYS[1], 'hash')
require_type(KEYS[2], 'set')
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('SADD', KEYS[2], ARGV[1])
local spend = budget_of(ARGV[1], now_ms()).spend
if has_type(spend, 'hash') and redis.call('HSETNX', spend, 'spent', ARGV[2]) == 1 then set_spend_ttl(spend) end -- rule: spent-once
return { 'ok' }
