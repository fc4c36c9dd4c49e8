-- Prepended to every script, fourth: budgets. `budget:{scope}:{id}` says what may be spent in a window;
-- `spend:{scope}:{id}:{period}` what was spent in one, and what is reserved; `reserved` remembers how much
-- each job holds and where, and each call that outlived its job. All amounts are micro-dollars.
local function whole(number)
  return string.format('%.0f', number)
end

-- A budget in its window of now; nil when there is none of this name.
local function budget_of(name, now)
  local key = 'budget:' .. name
  local told = redis.call('HMGET', key, 'limit', 'window', 'mode', 'per_job_cap', 'offsets')
  if not told[1] then return nil end
  local period, from, till = window_of(told[2], told[5], now)
  local spend = 'spend:' .. name .. ':' .. period
  local seen = fits(spend, 'hash') and redis.call('HMGET', spend, 'spent', 'reserved') or {}
  return { name = name, limit = tonumber(told[1]), hard = told[3] == 'hard', cap = tonumber(told[4] or ''), spend = spend,
    spent = tonumber(seen[1] or 0), reserved = tonumber(seen[2] or 0), from = from, till = till }
end

-- The spend keys of all budgets of these scopes, separated by blanks; or nil and the answer to give, when
-- a hard one has no room for so much. Writes nothing.
local function admit(scopes, most, now)
  local spends = {}
  expect('reserved', 'hash')
  for name in string.gmatch(scopes or '', '%S+') do
    expect('budget:' .. name, 'hash')
    local budget = budget_of(name, now)
    if budget then
      expect(budget.spend, 'hash')
      local over = budget.cap and most > budget.cap and 'per_job_cap'
        or budget.spent + budget.reserved + most > budget.limit and 'limit'
      if budget.hard and over then
        return nil, { 'refused', name, over, whole(budget.limit), whole(budget.spent), whole(budget.reserved),
          budget.cap and whole(budget.cap) or '', whole(budget.till) }
      end
      spends[#spends + 1] = budget.spend
    end
  end
  return table.concat(spends, ' ')
end

-- A day's figures are kept for 40 days, a month's for 400, a total for ever.
local function keep(spend)
  if string.find(spend, ':%d+%-%d+%-%d+$') then redis.call('PEXPIRE', spend, 40 * DAY_MS)
  elseif string.find(spend, ':%d+%-%d+$') then redis.call('PEXPIRE', spend, 400 * DAY_MS) end
end

-- Adds to what was spent or is reserved. A window's time to live begins again whenever it was empty before.
local function add(spends, field, micros)
  if micros == 0 then return end
  for spend in string.gmatch(spends or '', '%S+') do
    if fits(spend, 'hash') then
      if redis.call('HINCRBY', spend, field, whole(micros)) == micros then keep(spend) end
    end
  end
end

local function hold(holder, micros, spends)
  if spends == '' or not fits('reserved', 'hash') then return end
  redis.call('HSET', 'reserved', holder, whole(micros) .. ' ' .. spends)
  add(spends, 'reserved', micros)
end

-- Gives back what a job or a call holds; how much, and the spend keys. Nil when it holds nothing.
local function let_go(holder)
  local held = fits('reserved', 'hash') and redis.call('HGET', 'reserved', holder)
  if not held then return nil end
  local micros, spends = string.match(held, '^(%d+) (.*)$')
  redis.call('HDEL', 'reserved', holder)
  add(spends, 'reserved', -tonumber(micros))
  return tonumber(micros), spends
end

