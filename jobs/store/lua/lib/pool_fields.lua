-- Part 9 of every script: pools, the rate limits that an account of a provider has for a model. `pool:{pool}` has the
-- limits, per minute, what is left of two buckets, of requests and of tokens, and what was learnt from refusals;
-- `pool-calls:{pool}` has the calls in flight by the ms when their place ends; `pool-tokens:{pool}` has the tokens that each
-- of them took. A limit that was set precedes that of the providers file, which precedes one that was learnt.
local MINUTE_MS = 60000
local BURST_MS, SHORT_BURST_MS = 5000, 500 -- a full bucket holds what a pool may use in this time; short: of a rate learnt from refusals
local HEADER_SHARE = 0.99 -- of a limit that the provider's headers say
local ACCEPTED_MS = 1000 -- a request that was not refused by then was accepted
local TRIAL_MS = 1500 -- the same of a request above the learnt concurrency, which a worker may first fetch
local MAX_TRIAL_STEP = 16
local pools = {}

-- Whether the rate was learnt from refusals: its bucket is small, and not filled while the pool is closed.
local function is_uncertain(pool)
  return pool.stored.learnt_from == 'refusals' and (pool.learns_requests or pool.learns_tokens)
end

local function bucket_size(pool, kind)
  return math.max(1, pool[kind] * (is_uncertain(pool) and SHORT_BURST_MS or BURST_MS) / MINUTE_MS)
end

local function number_of(pool, field) return tonumber(pool.stored[field] or '') or 0 end

-- Changes a field, which `store_pool` writes; nil removes it.
local function set_field(pool, field, value)
  pool.stored[field] = value
  pool.changed[field] = true
end

-- Returns what is in a bucket now; nothing without a limit.
local function bucket_level(pool, kind, now)
  local limit, left = pool[kind], tonumber(pool.stored[kind .. '_left'] or '')
  if not limit then return nil end
  local size, elapsed = bucket_size(pool, kind), now - (tonumber(pool.stored.filled_ms or '') or now)
  local is_early = elapsed < -MINUTE_MS and number_of(pool, 'filled_ms') > number_of(pool, 'closed_until_ms')
  elapsed = is_early and BURST_MS or math.max(0, elapsed) -- rule: clock-back
  return math.min(size, (left or size) + limit * elapsed / MINUTE_MS) -- rule: refill
end

-- Returns the limit in force, and whether it was learnt.
local function limit_of(pool, kind)
  local stored = pool.stored
  local fixed = tonumber(stored['set_' .. kind] or stored['file_' .. kind] or '') -- rule: precedence
  local learnt = not fixed and tonumber(stored['learnt_' .. kind] or '')
  if not learnt then return fixed, false end
  local is_share = kind ~= 'concurrency' and stored.learnt_from == 'headers'
  return is_share and learnt * HEADER_SHARE or learnt, true
end

local function forget_rate(pool)
  for _, field in ipairs({ 'learnt_requests', 'learnt_tokens', 'learnt_from', 'cut_ms', 'cut_rate', 'bound_ms' }) do set_field(pool, field, nil) end
end

-- Raises a concurrency above which requests were accepted, twice as far each time, until it is of no use; forgets a rate
-- that held nothing back for a minute.
local function review_learnt(pool, now)
  local trial, step = number_of(pool, 'trial_ms'), number_of(pool, 'trial_step')
  if trial > 0 and now - trial >= TRIAL_MS then -- rule: refuted
    local concurrency = number_of(pool, 'learnt_concurrency') + step
    local is_refuted = step >= MAX_TRIAL_STEP
    set_field(pool, 'learnt_concurrency', not is_refuted and concurrency or nil)
    set_field(pool, 'refuted_ms', is_refuted and now or pool.stored.refuted_ms)
    set_field(pool, 'trial_step', 2 * step)
    set_field(pool, 'trial_ms', nil)
  end
  local used_ms = math.max(number_of(pool, 'bound_ms'), number_of(pool, 'cut_ms'))
  if pool.stored.learnt_from == 'refusals' and now - used_ms > MINUTE_MS then forget_rate(pool) end -- rule: forgotten
end

