-- Part 8 of every script: pools, the rate limits that an account of a provider has for a model. `pool:{pool}` has the
-- limits, per minute, and what is left of two buckets, of requests and of tokens; `pool-calls:{pool}` has the calls in
-- flight by the ms when their place ends; `pool-tokens:{pool}` has the tokens that each of them took.
-- A limit that was set precedes that of the providers file, which precedes one that was learnt.
local MINUTE_MS = 60000
local BURST_MS = 5000 -- a full bucket holds what a pool may use in this time
local POOL_FIELDS = { 'set_requests', 'file_requests', 'learnt_requests', 'set_tokens', 'file_tokens', 'learnt_tokens',
  'set_concurrency', 'file_concurrency', 'learnt_concurrency', 'requests_left', 'tokens_left', 'filled_ms', 'closed_until_ms',
  'closed_reason' }
local pools = {}

local function bucket_size(limit) return math.max(1, limit * BURST_MS / MINUTE_MS) end

-- Returns what is in a bucket now; nothing without a limit.
local function bucket_level(pool, kind, now)
  local limit, left = pool[kind], tonumber(pool.stored[kind .. '_left'] or '')
  if not limit then return nil end
  local size, elapsed = bucket_size(limit), math.max(0, now - (tonumber(pool.stored.filled_ms or '') or now))
  return math.min(size, (left or size) + limit * elapsed / MINUTE_MS) -- rule: refill
end

-- Returns a pool as it is now, which a script reads once: its limits in force `requests`, `tokens` and `concurrency`, `requests_left` and
-- `tokens_left`, and what is `stored`. One whose keys are of another type has no limits.
local function pool_of(name, now)
  name = name or ''
  if pools[name] then return pools[name] end
  local pool = { name = name, key = POOL .. name, calls = POOL_CALLS .. name, taken = POOL_TOKENS .. name, stored = {} }
  pool.is_usable = name ~= '' and has_type(pool.key, 'hash') and has_type(pool.calls, 'zset') and has_type(pool.taken, 'hash')
  for i, value in ipairs(pool.is_usable and redis.call('HMGET', pool.key, unpack(POOL_FIELDS)) or {}) do
    pool.stored[POOL_FIELDS[i]] = value
  end
  for _, kind in ipairs({ 'requests', 'tokens', 'concurrency' }) do
    local stored = pool.stored
    pool[kind] = tonumber(stored['set_' .. kind] or stored['file_' .. kind] or stored['learnt_' .. kind] or '') -- rule: precedence
  end
  pool.requests_left, pool.tokens_left = bucket_level(pool, 'requests', now), bucket_level(pool, 'tokens', now)
  pools[name] = pool
  return pool
end

-- Writes what is left of a pool, and lists it when it is new.
local function store_pool(pool, now)
  local fields = { 'filled_ms', now }
  for _, kind in ipairs({ 'requests_left', 'tokens_left' }) do
    if pool[kind] then
      fields[#fields + 1] = kind
      fields[#fields + 1] = string.format('%.3f', pool[kind])
    end
  end
  if not pool.stored.filled_ms and has_type(POOLS, 'set') then redis.call('SADD', POOLS, pool.name) end -- rule: listed
  pool.stored.filled_ms = now
  redis.call('HSET', pool.key, unpack(fields))
end

