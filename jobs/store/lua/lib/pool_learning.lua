-- Part 14 of every script: what a pool learns from its provider. A refusal closes the pool for all processes. Headers
-- say the rate; without them a refusal that had too many calls beside it teaches the concurrency, until a request above
-- it is accepted, and others the rate.
local MIN_CLOSED_MS, MAX_CLOSED_MS = 500, 60000
local FIRST_TRIAL_WAIT_MS, MAX_TRIAL_WAIT_MS = 2500, 120000
local MAX_RESET_MS = 65000 -- a limit with a later reset is not of a minute

-- Closes a pool. Returns whether the request left after the last closing: refusals of those sent before count once.
local function close_pool(pool, now, sent_ms, retry_after_ms, reason)
  local opened, is_new, pause = number_of(pool, 'opened_ms'), sent_ms > number_of(pool, 'closed_ms'), retry_after_ms
  if is_new then -- rule: once
    local was_open = opened > 0 and sent_ms - opened > ACCEPTED_MS
    local closings = was_open and 1 or number_of(pool, 'closings') + 1
    set_field(pool, 'closings', closings)
    set_field(pool, 'closed_ms', now)
    set_field(pool, 'opened_ms', nil)
    if closings > 1 or pause == 0 then pause = math.max(pause, math.min(MAX_CLOSED_MS, MIN_CLOSED_MS * 2 ^ (closings - 1))) end -- rule: backoff
  end
  set_field(pool, 'asked_until_ms', math.max(number_of(pool, 'asked_until_ms'), now + retry_after_ms))
  if now + pause > number_of(pool, 'closed_until_ms') then
    set_field(pool, 'closed_until_ms', now + pause)
    set_field(pool, 'closed_reason', reason)
  end
  return is_new
end

-- Learns the concurrency from a refusal while `served` calls were accepted. Returns whether it explains the refusal.
local function learn_concurrency(pool, served, now)
  local learnt, trial = tonumber(pool.stored.learnt_concurrency or ''), number_of(pool, 'trial_ms')
  if learnt and trial == 0 then return false end
  if not learnt and (served < 1 or now - number_of(pool, 'refuted_ms') < MINUTE_MS) then return false end
  local wait = learnt and math.min(MAX_TRIAL_WAIT_MS, 2 * number_of(pool, 'trial_wait_ms')) or FIRST_TRIAL_WAIT_MS
  set_field(pool, 'learnt_concurrency', math.max(learnt or 1, served))
  set_field(pool, 'trial_step', 1)
  set_field(pool, 'trial_ms', nil)
  set_field(pool, 'trial_wait_ms', wait)
  set_field(pool, 'next_trial_ms', now + (learnt and wait or MIN_CLOSED_MS))
  return true
end

-- Learns from a refusal that was not sent together with the one before.
local function learn(pool, kind, served, now)
  if pool.stored.learnt_from == 'headers' and now - number_of(pool, 'headers_ms') < MINUTE_MS then return end
  local is_held = is_uncertain(pool) and now - number_of(pool, 'bound_ms') < BOUND_MS
  local is_fixed = pool.concurrency and not pool.learns_concurrency
  if not is_held and not is_fixed and learn_concurrency(pool, served, now) then
    set_field(pool, 'closings', 1)
    return set_field(pool, 'closed_until_ms', number_of(pool, 'asked_until_ms')) -- the places hold calls back
  end
  if not pool[kind] or pool['learns_' .. kind] then cut_rate(pool, kind, now) end
end

-- Notes that a request which left at `sent_ms` met a limit of the given kind, while `served` other calls ran.
local function pool_refused(name, kind, now, sent_ms, retry_after_ms, served)
  local pool = pool_of(name, now)
  if not pool.is_usable then return end
  set_field(pool, 'refused', math.min(1, number_of(pool, 'refused') + 1 / REFUSALS_OF))
  local is_new = close_pool(pool, now, sent_ms, retry_after_ms, 'rate_limited')
  if is_new then learn(pool, kind, served, now) end
  store_pool(pool, now)
end

-- Notes that the provider of a pool cannot be reached, or is overloaded: it closes the pool, and teaches nothing.
local function pool_unavailable(name, now, sent_ms, retry_after_ms)
  local pool = pool_of(name, now)
  if not pool.is_usable then return end
  close_pool(pool, now, sent_ms, retry_after_ms, 'waiting_provider')
  store_pool(pool, now)
end

-- Notes what the headers of an answer say of a limit: its size, what is left, and the ms until it is whole again.
local function pool_headers(name, kind, now, limit, left, reset_ms)
  local pool = pool_of(name, now)
  if not pool.is_usable or limit < 1 or reset_ms > MAX_RESET_MS then return end -- rule: minute
  if pool.stored.learnt_from == 'refusals' then forget_rate(pool) end
  set_field(pool, 'learnt_' .. kind, limit)
  set_field(pool, 'learnt_from', 'headers')
  set_field(pool, 'headers_ms', now)
  pool[kind] = limit_of(pool, kind)
  pool[kind .. '_left'] = math.min(pool[kind .. '_left'] or left, left) -- rule: lower-truth
  store_pool(pool, now)
end

