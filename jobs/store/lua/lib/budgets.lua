-- Part 5 of every script: budgets. `budget:{scope}:{id}` has the terms; `spend:{scope}:{id}:{period}` has spent and
-- reserved amounts of a window; `reservations` has the amount and the spend keys of each job, and of each call that
-- outlived its job. All amounts are micro-dollars.
local function integer_text(number)
  return string.format('%.0f', number)
end

-- Returns a budget with its current window; nil when there is none.
local function budget_of(name, now)
  local key = BUDGET .. name
  local terms = redis.call('HMGET', key, 'limit', 'window', 'mode', 'per_job_cap', 'offsets')
  if not terms[1] then return nil end
  local period, from, till = window_of(terms[2], terms[5], now)
  local spend = SPEND .. name .. ':' .. period
  local sums = has_type(spend, 'hash') and redis.call('HMGET', spend, 'spent', 'reserved') or {}
  return { name = name, limit = tonumber(terms[1]), hard = terms[3] == 'hard', cap = tonumber(terms[4] or ''), spend = spend,
    spent = tonumber(sums[1] or 0), reserved = tonumber(sums[2] or 0), from = from, till = till }
end

-- Returns the names of the budgets that may apply to a job, from its index names and the names in its record: these are all
-- in that of an older version.
local function budgets_of(names, stored)
  if string.find(stored or '', 'global:', 1, true) == 1 then return stored end
  local scopes = { 'global:all', stored or '' }
  for _, scope in ipairs({ 'team', 'user' }) do
    local owner = string.match(' ' .. names, ' ' .. scope .. '_id:(%S+)')
    if owner then scopes[#scopes + 1] = scope .. ':' .. owner end -- rule: owner-budgets
  end
  scopes[#scopes + 1] = string.match(' ' .. names, ' (type:%S+)') -- rule: type-budget
  return table.concat(scopes, ' ')
end

-- Returns the spend keys of all budgets that apply, separated by blanks; or nil and the script's reply when a hard
-- one has no room. Writes nothing.
local function admit(scopes, maximum, now)
  local spends = {}
  require_type(RESERVATIONS, 'hash')
  for name in string.gmatch(scopes or '', '%S+') do
    require_type(BUDGET .. name, 'hash')
    local budget = budget_of(name, now)
    if budget then
      require_type(budget.spend, 'hash')
      local over = budget.cap and maximum > budget.cap and 'per_job_cap' -- rule: job-cap
        or budget.spent + budget.reserved + maximum > budget.limit and 'limit' -- rule: limit
      if budget.hard and over then -- rule: hard
        return nil, { 'refused', name, over, integer_text(budget.limit), integer_text(budget.spent), integer_text(budget.reserved),
          budget.cap and integer_text(budget.cap) or '', integer_text(budget.till) }
      end
      spends[#spends + 1] = budget.spend -- rule: every-budget
    end
  end
  return table.concat(spends, ' ')
end

-- A day's spend expires after 40 days, a month's after 400, a total never.
local function set_spend_ttl(spend)
  if string.find(spend, ':%d+%-%d+%-%d+$') then redis.call('PEXPIRE', spend, 40 * DAY_MS)
  elseif string.find(spend, ':%d+%-%d+$') then redis.call('PEXPIRE', spend, 400 * DAY_MS) end
end

-- Adds to `spent` or `reserved` of spend keys. Sets the TTL again whenever the field was empty before.
local function add_spend(spends, field, micros)
  if micros == 0 then return end
  for spend in string.gmatch(spends or '', '%S+') do
    if has_type(spend, 'hash') then
      if redis.call('HINCRBY', spend, field, integer_text(micros)) == micros then
        set_spend_ttl(spend) -- rule: window-ttl
      end
    end
  end
end

local function reserve(holder, micros, spends)
  if spends == '' or not has_type(RESERVATIONS, 'hash') then return end
  redis.call('HSET', RESERVATIONS, holder, integer_text(micros) .. ' ' .. spends)
  add_spend(spends, 'reserved', micros)
end

-- Releases the reservation of a job or call. Returns amount and spend keys; nil without a reservation.
local function release_reservation(holder)
  local reservation = has_type(RESERVATIONS, 'hash') and redis.call('HGET', RESERVATIONS, holder)
  if not reservation then return nil end
  local micros, spends = string.match(reservation, '^(%d+) (.*)$')
  redis.call('HDEL', RESERVATIONS, holder) -- rule: released-once
  add_spend(spends, 'reserved', -tonumber(micros)) -- rule: released
  return tonumber(micros), spends
end

