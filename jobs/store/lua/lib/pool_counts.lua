-- Part 11 of every script: counts the places and the requests of a pool, and raises its rate.
local PURGE_MS = 1000 -- between two removals of places that ended by themselves
local SPANS = { short = 5000, minute = MINUTE_MS } -- over which requests and tokens are counted
local REFUSALS_OF = 20 -- the share of refusals is that of so many requests
local BOUND_MS = 5000 -- a rate that held a request back is the bottleneck for so long
local HOLD_MS, SLOW, FAST, FAST_FROM = 30000, 1.02, 1.1, 1.25 -- growth of a rate a second, after a hold

-- Frees places that ended by themselves.
local function purge_places(pool, now)
  for _, holder in ipairs(redis.call('ZRANGEBYSCORE', pool.calls, '-inf', now, 'LIMIT', 0, 100)) do
    redis.call('ZREM', pool.calls, holder)
    redis.call('HDEL', pool.taken, holder)
  end
end

local function places_taken(pool, now) return redis.call('ZCOUNT', pool.calls, '(' .. now, '+inf') end

-- Returns how many calls may run at once; a few more where a trial of the learnt concurrency is due.
local function places_of(pool, now)
  local is_due = pool.learns_concurrency and now >= number_of(pool, 'next_trial_ms')
  return pool.concurrency + (is_due and number_of(pool, 'trial_step') or 0)
end

-- Counts a request in averages of the last seconds and of the last minute, and in the share of refusals.
local function count_request(pool, tokens, now)
  local age = now - number_of(pool, 'counted_ms')
  set_field(pool, 'counted_ms', now)
  for span, ms in pairs(SPANS) do
    for kind, amount in pairs({ requests = 1, tokens = tokens }) do
      local field = kind .. '_' .. span
      set_field(pool, field, number_of(pool, field) * math.exp(-age / ms) + amount)
    end
  end
  if pool.stored.refused then set_field(pool, 'refused', number_of(pool, 'refused') * (1 - 1 / REFUSALS_OF)) end
end

-- Raises a rate that was learnt from refusals, and is the bottleneck: slowly up to where it was refused, then fast.
local function grow_rate(pool, now)
  local is_bound = now - number_of(pool, 'bound_ms') < BOUND_MS
  if not is_bound or now - number_of(pool, 'cut_ms') < HOLD_MS then return end
  local field = pool.learns_tokens and 'learnt_tokens' or 'learnt_requests'
  local rate, seconds = number_of(pool, field), math.max(0, math.min(BOUND_MS, now - number_of(pool, 'filled_ms'))) / 1000
  local speed = rate > FAST_FROM * number_of(pool, 'cut_rate') and FAST or SLOW
  set_field(pool, field, rate * speed ^ seconds)
end

