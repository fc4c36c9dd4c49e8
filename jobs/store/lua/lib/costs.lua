-- Part 6 of every script: the cost of a job, from its ledger rows, and its budgets. Each row is booked once: when its
-- job first ends, or when it settles later.

-- Returns the micro-dollars of a call; whether they are an upper bound; whether it is in flight; whether it has no price;
-- of a cancelled call without reported usage, its likely cost and its upper bound.
local function call_cost(row)
  local row_values = redis.call('HMGET', row, 'state', 'cost_micros', 'max_micros', 'likely_micros')
  local state, maximum = row_values[1], tonumber(row_values[3] or 0)
  local reported, likely, unpriced = tonumber(row_values[2]), tonumber(row_values[4]), not row_values[2] and not row_values[3]
  if state == 'done' or state == 'cancelled' then return reported or maximum, not reported and maximum > 0, false, unpriced, likely, maximum end -- rule: done-costs
  if state == 'unknown' and row_values[2] then return tonumber(row_values[2]), false, false, false end
  if state == 'intent' or state == 'unknown' then return maximum, true, state == 'intent', unpriced end -- rule: unknown-costs
  return 0, false, false, false
end

local function rows_of(id)
  local rows = {}
  local calls = job_keys(id).calls
  for _, call_id in ipairs(has_type(calls, 'set') and redis.call('SMEMBERS', calls) or {}) do
    local row = CALL .. call_id
    if has_type(row, 'hash') and redis.call('HEXISTS', row, 'state') == 1 then rows[call_id] = row end
  end
  return rows
end

-- Returns the cost fields of a record: cost, its part that is an upper bound, the likely cost, the upper bound, calls
-- without price, calls. Calls in flight count once the job has ended.
local function cost_fields(id, active)
  local spent, exposed, likely, upper, calls, unpriced = 0, 0, 0, 0, 0, 0
  for _, row in pairs(rows_of(id)) do
    local micros, at_most, open, priceless, row_likely, row_upper = call_cost(row)
    if open and active then micros, priceless = 0, false end -- rule: in-flight
    likely, upper = likely + (row_likely or micros), upper + (row_likely and row_upper or micros) -- rule: likely
    spent, calls = spent + micros, calls + 1 - redis.call('HEXISTS', row, 'cached') -- rule: cached-calls
    if at_most then exposed = exposed + micros end
    if priceless then unpriced = unpriced + 1 end -- rule: unpriced
  end
  return { 'spent_micros', integer_text(spent), 'uncertain_micros', integer_text(exposed), 'likely_micros', integer_text(likely),
    'upper_micros', integer_text(upper), 'unpriced', unpriced, 'calls', calls }
end

-- Ends a job's reservation: books its calls, and reserves each call in flight until it settles.
local function settle_reservation(id)
  local _, spends = release_reservation(id)
  for call_id, row in pairs(rows_of(id)) do
    if redis.call('HEXISTS', row, 'spends') == 0 then -- rule: booked-once
      local micros, _, open = call_cost(row)
      local own = spends and spends_of(row, spends)
      if own and open then reserve(call_id, micros, own) end -- rule: in-flight-reserved
      if own and not open then add_spend(own, 'spent', micros) end -- rule: booked
      redis.call('HSET', row, 'spends', own or '', 'booked_micros', open and 0 or integer_text(micros))
    end
  end
end

-- Appends the ARCHIVED_FIELDS of an ended job to the outbox, from where the api archives them.
local function append_outbox(id)
  if not has_type(OUTBOX, 'stream') then return end
  local entry = {}
  for i, value in ipairs(redis.call('HMGET', JOB .. id, unpack(ARCHIVED_FIELDS))) do
    entry[#entry + 1] = ARCHIVED_FIELDS[i]
    entry[#entry + 1] = value or ''
  end
  redis.call('XADD', OUTBOX, '*', unpack(entry))
end

-- Updates the cost of a job after a call settled or was corrected; books the call if the job had ended before.
local function settle_after_end(call_id)
  local row = CALL .. call_id
  local row_values = redis.call('HMGET', row, 'spends', 'booked_micros', 'job_id')
  if row_values[1] then
    release_reservation(call_id) -- rule: late-release
    local micros = call_cost(row)
    add_spend(row_values[1], 'spent', micros - row_values[2]) -- rule: correction
    redis.call('HSET', row, 'booked_micros', integer_text(micros))
  end
  local id = row_values[3] or string.match(call_id, '^[^/]+')
  local job = JOB .. id
  if not has_type(job, 'hash') or redis.call('EXISTS', job) == 0 then return end
  local active = redis.call('HEXISTS', job, 'completed_ms') == 0
  local values = cost_fields(id, active)
  redis.call('HSET', job, unpack(values)) -- rule: running-cost
  if not active then redis.call('HINCRBY', job, 'corrected', 1); index(COST, values[2], id); append_outbox(id) end -- rule: late-cost-index
end

-- Books the maximum of a call whose row and job are gone.
local function charge_maximum(call_id)
  local micros, spends = release_reservation(call_id)
  if micros then add_spend(spends, 'spent', micros) end -- rule: maximum-charged
end
