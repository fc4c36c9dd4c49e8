-- Part 12 of every script: takes requests, tokens and places of a pool, and gives them back.
local FULL_MS = 1000 -- until a pool without a free place is asked again

-- Returns the ms until a request may be sent, and what it waits for: closed, concurrency, requests or tokens; 0 when it
-- may be sent now. Requests that are larger than the bucket of tokens wait for a full one. Writes nothing.
local function wait_of_pool(name, tokens, now)
  local pool = pool_of(name, now)
  local closed = number_of(pool, 'closed_until_ms') - now
  if closed > 0 then return closed, 'closed' end -- rule: closed
  local answer_ms = number_of(pool, 'opened_ms') + ACCEPTED_MS - now
  if number_of(pool, 'closings') > 1 and answer_ms > 0 then return answer_ms, 'closed' end
  if pool.concurrency and places_taken(pool, now) >= places_of(pool, now) then return FULL_MS, 'concurrency' end -- rule: concurrency
  if pool.requests and pool.requests_left < 1 then -- rule: requests
    return math.ceil((1 - pool.requests_left) * MINUTE_MS / pool.requests), 'requests'
  end
  local needed = pool.tokens and math.min(tokens, bucket_size(pool, 'tokens')) or 0 -- rule: large-request
  if needed > (pool.tokens_left or 0) then -- rule: tokens
    return math.ceil((needed - pool.tokens_left) * MINUTE_MS / pool.tokens), 'tokens'
  end
  return 0
end

-- Returns the same for the pool of a list that has room first.
local function pool_wait(names, tokens, now)
  local wait, reason = nil, nil
  for _, name in ipairs(parts_of(names)) do
    local later, why = wait_of_pool(name, tokens, now)
    if not wait or later < wait then wait, reason = later, why end -- rule: first-pool
  end
  return wait or 0, reason
end

-- Takes a request, tokens and a place until `place_ends` for a holder: a call, or a job whose first call is reserved.
local function pool_take(name, holder, tokens, now, place_ends)
  local pool = pool_of(name, now)
  if not pool.is_usable then return end
  if now - number_of(pool, 'filled_ms') > PURGE_MS then purge_places(pool, now) end
  if pool.learns_concurrency and number_of(pool, 'trial_ms') == 0 and places_taken(pool, now) >= pool.concurrency then set_field(pool, 'trial_ms', now) end
  if number_of(pool, 'opened_ms') == 0 then set_field(pool, 'opened_ms', now) end
  count_request(pool, tokens, now)
  if pool.stored.learnt_from == 'refusals' then grow_rate(pool, now) end
  if pool.requests then pool.requests_left = pool.requests_left - 1 end -- rule: request-taken
  if pool.tokens then
    pool.tokens_left = pool.tokens_left - tokens -- rule: tokens-taken
    redis.call('HSET', pool.taken, holder, tokens)
  end
  if (pool.learns_requests and pool.requests_left < 1) or (pool.learns_tokens and pool.tokens_left < tokens) then set_field(pool, 'bound_ms', now) end
  store_pool(pool, now)
  redis.call('ZADD', pool.calls, place_ends, holder)
end

-- Frees the place of a holder and returns the tokens that it took too many; nil tokens: the request was not sent, and
-- all returns; 'all': as many as it took. The second value is whether it had a place.
local function pool_give_back(name, holder, now, used_tokens)
  local pool = pool_of(name, now)
  if not pool.is_usable or redis.call('ZREM', pool.calls, holder) == 0 then return 0, false end -- rule: given-once
  local taken = tonumber(redis.call('HGET', pool.taken, holder) or '')
  local difference = taken and used_tokens ~= 'all' and taken - (used_tokens or 0) or 0
  if taken then redis.call('HDEL', pool.taken, holder) end
  if pool.tokens_left then pool.tokens_left = math.min(bucket_size(pool, 'tokens'), pool.tokens_left + difference) end -- rule: tokens-returned
  if pool.requests_left and not used_tokens then
    pool.requests_left = math.min(bucket_size(pool, 'requests'), pool.requests_left + 1) -- rule: request-returned
  end
  for span in pairs(not used_tokens and SPANS or {}) do
    local field = 'requests_' .. span
    set_field(pool, field, math.max(0, number_of(pool, field) - 1))
  end
  if difference ~= 0 or not used_tokens then store_pool(pool, now) end
  return difference, true
end

-- Returns how many calls of a pool are in flight.
local function pool_running(name, now)
  local pool = pool_of(name, now)
  return pool.is_usable and places_taken(pool, now) or 0
end

-- Whether a holder has a place that has not ended.
local function pool_has_place(name, holder, now)
  local ends = pool_of(name, now).is_usable and redis.call('ZSCORE', POOL_CALLS .. name, holder)
  return ends and tonumber(ends) > now
end

-- Returns why a pool is closed, and the ms that its provider asks to wait.
local function pool_closed(name, now)
  local pool = pool_of(name, now)
  local is_closed = number_of(pool, 'closed_until_ms') > now
  return is_closed and pool.stored.closed_reason or '', math.max(0, number_of(pool, 'asked_until_ms') - now)
end
