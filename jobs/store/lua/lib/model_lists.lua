-- Part 4 of every script: lists of models. A job may name several, `a|b`, of which a later one is asked where those before
-- took no request; its pool is then a list, too.
local function is_list(names) return string.find(names or '', '|', 1, true) ~= nil end

-- Returns the parts of a list; a name alone is one of one part.
local function parts_of(names)
  local parts = {}
  for part in string.gmatch(names or '', '[^|]+') do parts[#parts + 1] = part end
  return parts
end

-- Returns those of the spend keys of a job that a call counts for: of the budgets of models, only that of the model that
-- was asked.
local function spends_of(row, spends)
  local mine, own = redis.call('HGET', row, 'model_budget'), {}
  if not mine then return spends end
  for spend in string.gmatch(spends, '%S+') do
    local is_of_model = string.find(spend, SPEND .. 'model:', 1, true) == 1
    if not is_of_model or string.find(spend, SPEND .. mine .. ':', 1, true) == 1 then own[#own + 1] = spend end -- rule: spend-of-model
  end
  return table.concat(own, ' ')
end
