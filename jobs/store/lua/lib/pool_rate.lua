-- Part 13 of every script: learns the rate of a pool from refusals.
local HEAVY = 0.3 -- share of refusals that shows a rate far too high
local BATCHES, BATCHES_MS = 3, 30000 -- so many refusals in so long show a rate that is too high
local MIN_REQUESTS = 10 -- in a minute: from fewer no rate can be read, so the pool only closes for longer and longer
local LONG_CLOSINGS = 3 -- so many closings without an accepted request show a limit that lasts
local AGAIN_MS = 10000 -- a refusal so soon after a cut shows that it was too small
local MIN_OF_TOP = 1 / 6 -- below this share of its first value a rate is not why requests are refused

-- Returns what was accepted in the last seconds, per minute; of a pool that stays refused, in the last minute.
local function accepted_rate(pool, kind)
  if number_of(pool, 'closings') >= LONG_CLOSINGS then return number_of(pool, kind .. '_minute') end
  return number_of(pool, kind .. '_short') * MINUTE_MS / SPANS.short
end

local function start_rate(pool, kind, now)
  if now - number_of(pool, 'batches_ms') > BATCHES_MS then
    set_field(pool, 'batches_ms', now)
    set_field(pool, 'batches', 0)
  end
  set_field(pool, 'batches', number_of(pool, 'batches') + 1)
  local is_heavy = number_of(pool, 'refused') > HEAVY
  if number_of(pool, 'requests_minute') < MIN_REQUESTS then return nil end -- rule: few-requests
  if not is_heavy and (number_of(pool, 'batches') < BATCHES or now < number_of(pool, 'free_until_ms')) then return nil end
  local rate = accepted_rate(pool, kind)
  set_field(pool, 'top_rate', rate)
  return rate
end

-- Returns a rate below one that was refused: where it grew slowly, that from which it grew.
local function lowered(pool, rate, is_heavy, now)
  local before = number_of(pool, 'cut_rate')
  if now - number_of(pool, 'cut_ms') < AGAIN_MS then return rate * (is_heavy and 0.7 or 0.9) end
  if rate > FAST_FROM * before then return rate / 1.4 end
  return rate > before * 1.01 and before or rate * 0.95
end

-- Lowers the rate if that is why requests are refused: while it held calls back, or after many refusals.
local function cut_rate(pool, kind, now)
  local rate, is_heavy = nil, number_of(pool, 'refused') > HEAVY
  if pool.stored.learnt_from == 'refusals' then rate = tonumber(pool.stored['learnt_' .. kind] or '') end
  if not rate then
    rate = start_rate(pool, kind, now)
  elseif is_heavy or now - number_of(pool, 'bound_ms') < BOUND_MS then
    rate = lowered(pool, rate, is_heavy, now)
    if is_heavy then set_field(pool, 'top_rate', rate) end
  else
    return
  end
  if not rate then return end
  forget_rate(pool)
  if rate < number_of(pool, 'top_rate') * MIN_OF_TOP then
    return set_field(pool, 'free_until_ms', now + MINUTE_MS)
  end
  rate = math.max(kind == 'tokens' and 100 or 1, rate)
  for field, value in pairs({ ['learnt_' .. kind] = rate, learnt_from = 'refusals', cut_ms = now, cut_rate = rate, bound_ms = now, refused = HEAVY / 2 }) do
    set_field(pool, field, value)
  end
  set_field(pool, kind .. '_left', 0)
  pool[kind .. '_left'] = 0
end

