-- Budgets with what is spent and reserved in their windows of now.
-- KEYS[1] set  names of all budgets
-- ARGV[1] name of one: scope:id; '' for all
-- Returns a list for each: {name, spent, reserved, first ms, ms when the window ends or 0, field, value, ...}
local names = { ARGV[1] }
if ARGV[1] == '' then names = fits(KEYS[1], 'set') and redis.call('SMEMBERS', KEYS[1]) or {} end
table.sort(names)
local now, found = now_ms(), {}
for _, name in ipairs(names) do
  local key = 'budget:' .. name
  local budget = fits(key, 'hash') and budget_of(name, now)
  if budget then
    found[#found + 1] = { name, whole(budget.spent), whole(budget.reserved), whole(budget.from), whole(budget.till),
      unpack(redis.call('HGETALL', key)) }
  end
end
return found
