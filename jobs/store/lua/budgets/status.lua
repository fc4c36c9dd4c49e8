-- Reads budgets with the spend and reservations of their current windows.
-- KEYS[1] set  names of all budgets
-- ARGV[1...] names of budgets, scope:id; `scope:` for all of that scope; none for all
-- Returns a list for each: {name, spent, reserved, first ms, ms when the window ends or 0, field, value, ...}
local names, scopes = {}, {}
for _, name in ipairs({ unpack(ARGV, 1) }) do
  if string.sub(name, -1) == ':' then scopes[name] = true else names[#names + 1] = name end
end
local all = (#ARGV == 0 or next(scopes)) and has_type(KEYS[1], 'set') and redis.call('SMEMBERS', KEYS[1]) or {}
for _, name in ipairs(all) do
  if #ARGV == 0 or scopes[string.match(name, '^[^:]*:')] then names[#names + 1] = name end -- rule: scopes
end
table.sort(names)
local now, budgets = now_ms(), {}
for _, name in ipairs(names) do
  local key = BUDGET .. name
  local budget = has_type(key, 'hash') and budget_of(name, now)
  if budget then
    budgets[#budgets + 1] = { name, integer_text(budget.spent), integer_text(budget.reserved), integer_text(budget.from), integer_text(budget.till),
      unpack(redis.call('HGETALL', key)) }
  end
end
return budgets
