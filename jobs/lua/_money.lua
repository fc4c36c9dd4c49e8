-- Prepended to every script, fifth: what a job has cost, from the rows of its calls, and how that comes
-- off its budgets. Each row is booked once, by the first closing of its job or when it is settled later.

-- Micro-dollars of a call; whether this is only the most it may be; whether it is still in flight;
-- whether it has no price at all, so that nobody can say what it costs.
local function worth(row)
  local seen = redis.call('HMGET', row, 'state', 'cost_micros', 'max_micros')
  local state, most = seen[1], tonumber(seen[3] or 0)
  local unpriced = not seen[2] and not seen[3]
  if state == 'done' or state == 'cancelled' then return tonumber(seen[2]) or most, not seen[2] and most > 0, false, unpriced end
  if state == 'unknown' and seen[2] then return tonumber(seen[2]), false, false, false end
  if state == 'intent' or state == 'unknown' then return most, true, state == 'intent', unpriced end
  return 0, false, false, false
end

local function rows_of(id)
  local rows = {}
  local calls = job_keys(id).calls
  for _, call_id in ipairs(fits(calls, 'set') and redis.call('SMEMBERS', calls) or {}) do
    local row = 'call:' .. call_id
    if fits(row, 'hash') and redis.call('HEXISTS', row, 'state') == 1 then rows[call_id] = row end
  end
  return rows
end

-- What a job has cost by now, how much of it is only known as the most it may be, and how many of its
-- calls have no price: fields of its record. What is in flight counts once the job has ended.
local function figures(id, active)
  local spent, exposed, calls, unpriced = 0, 0, 0, 0
  for _, row in pairs(rows_of(id)) do
    local micros, at_most, open, priceless = worth(row)
    if open and active then micros, priceless = 0, false end
    spent, calls = spent + micros, calls + 1 - redis.call('HEXISTS', row, 'cached')
    if at_most then exposed = exposed + micros end
    if priceless then unpriced = unpriced + 1 end
  end
  return { 'spent_micros', whole(spent), 'exposed_micros', whole(exposed), 'unpriced', unpriced, 'calls', calls }
end

-- A job's reservation ends: what its calls cost is spent, what is in flight stays held until it settles.
local function settle(id)
  local _, spends = let_go(id)
  for call_id, row in pairs(rows_of(id)) do
    if redis.call('HEXISTS', row, 'spends') == 0 then
      local micros, _, open = worth(row)
      if spends and open then hold(call_id, micros, spends) end
      if spends and not open then add(spends, 'spent', micros) end
      redis.call('HSET', row, 'spends', spends or '', 'booked_micros', open and 0 or whole(micros))
    end
  end
end

-- What the archive keeps of an ended job, also when the job is deleted meanwhile.
local KEPT = { 'type', 'model', 'user_id', 'team_id', 'session_id', 'created_ms', 'completed_ms', 'attempt', 'usage',
  'spent_micros', 'exposed_micros', 'calls', 'estimate_micros', 'reserve_micros', 'status' }
local function post(id)
  if not fits('outbox', 'stream') then return end
  local entry = { 'id', id }
  for i, value in ipairs(redis.call('HMGET', 'job:' .. id, unpack(KEPT))) do
    entry[#entry + 1] = KEPT[i]
    entry[#entry + 1] = value or ''
  end
  redis.call('XADD', 'outbox', '*', unpack(entry))
end

-- A call has settled, or its cost was corrected: its job's figures grow. Where the job had been closed
-- before, it is booked now.
local function settle_late(call_id)
  local row = 'call:' .. call_id
  local seen = redis.call('HMGET', row, 'spends', 'booked_micros', 'job_id')
  if seen[1] then
    let_go(call_id)
    local micros = worth(row)
    add(seen[1], 'spent', micros - seen[2])
    redis.call('HSET', row, 'booked_micros', whole(micros))
  end
  local id = seen[3] or string.match(call_id, '^[^/]+')
  local job = 'job:' .. id
  if not fits(job, 'hash') or redis.call('EXISTS', job) == 0 then return end
  local active = redis.call('HEXISTS', job, 'completed_ms') == 0
  local told = figures(id, active)
  redis.call('HSET', job, unpack(told))
  if not active then redis.call('HINCRBY', job, 'corrected', 1); index('jobs:cost', told[2], id); post(id) end
end

-- Nobody can say any more what a call cost that had outlived its job: it counts as the most it may be.
local function forfeit(call_id)
  local micros, spends = let_go(call_id)
  if micros then add(spends, 'spent', micros) end
end
