-- Part 10 of every script: a pool as it is read and written.
local UNUSED_MS = DAY_MS -- after its last use a pool is forgotten: a client may name any model

-- Returns a pool as it is now, which a script reads once: its limits in force `requests`, `tokens` and `concurrency`,
-- `requests_left` and `tokens_left`, and all that is `stored`. One whose keys are of another type has no limits.
local function pool_of(name, now)
  name = name or ''
  if pools[name] then return pools[name] end
  local pool = { name = name, key = POOL .. name, calls = POOL_CALLS .. name, taken = POOL_TOKENS .. name, stored = {}, changed = {} }
  pool.is_usable = name ~= '' and not is_list(name) and has_type(pool.key, 'hash') and has_type(pool.calls, 'zset') and has_type(pool.taken, 'hash')
  local fields = pool.is_usable and redis.call('HGETALL', pool.key) or {}
  for i = 1, #fields, 2 do pool.stored[fields[i]] = fields[i + 1] end
  review_learnt(pool, now)
  for _, kind in ipairs({ 'requests', 'tokens', 'concurrency' }) do
    pool[kind], pool['learns_' .. kind] = limit_of(pool, kind)
  end
  pool.requests_left, pool.tokens_left = bucket_level(pool, 'requests', now), bucket_level(pool, 'tokens', now)
  pools[name] = pool
  return pool
end

-- Removes some pools that have expired from the list of all.
local function forget_pools()
  for _, name in ipairs(has_type(POOLS, 'set') and redis.call('SRANDMEMBER', POOLS, 100) or {}) do
    if redis.call('EXISTS', POOL .. name) == 0 then redis.call('SREM', POOLS, name) end -- rule: unlisted
  end
end

-- Writes what is left of a pool and its changed fields, and lists it when it is new. One with limits that were set is kept.
local function store_pool(pool, now)
  if not pool.stored.filled_ms and has_type(POOLS, 'set') then redis.call('SADD', POOLS, pool.name) end -- rule: listed
  set_field(pool, 'filled_ms', is_uncertain(pool) and math.max(now, number_of(pool, 'closed_until_ms')) or now)
  for _, kind in ipairs({ 'requests', 'tokens' }) do
    if pool[kind] then set_field(pool, kind .. '_left', pool[kind .. '_left']) end
  end
  local fields, removed = {}, {}
  for field in pairs(pool.changed) do
    local value = pool.stored[field]
    if value == nil then
      removed[#removed + 1] = field
    else
      fields[#fields + 1] = field
      fields[#fields + 1] = type(value) == 'number' and string.format('%.3f', value):gsub('%.?0+$', '') or value
    end
  end
  pool.changed = {}
  redis.call('HSET', pool.key, unpack(fields))
  if #removed > 0 then redis.call('HDEL', pool.key, unpack(removed)) end
  local stored = pool.stored
  if not (stored.set_requests or stored.set_tokens or stored.set_concurrency) then redis.call('PEXPIRE', pool.key, UNUSED_MS) end -- rule: unused
end

-- Keeps the place of a holder until later.
local function pool_renew(name, holder, place_ends)
  name = name or ''
  if name ~= '' and has_type(POOL_CALLS .. name, 'zset') then redis.call('ZADD', POOL_CALLS .. name, 'XX', place_ends, holder) end -- rule: renewed
end
