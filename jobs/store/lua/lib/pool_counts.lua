-- Part 11 of every script: counts the places of a pool, and the requests of the last minute.
local PURGE_MS = 1000 -- between two removals of places that ended by themselves
local LEAVING = 0.15 -- share of a minute that leaves it before a provider that counts minutes is asked again
-- What was sent, in entries of a second, for more than a minute.
local SENT = { entry = '(%d+):(-?%d+):(-?%d+)', entry_ms = 1000, max_length = 2000 }

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

-- Splits what was sent into its newest entry and the earlier ones. An entry has the ms of its last request, requests and tokens.
local function newest_sent(pool)
  local last, requests, tokens, earlier = string.match(pool.stored.sent or '', '^' .. SENT.entry .. '(.*)$')
  return tonumber(last or 0), tonumber(requests or 0), tonumber(tokens or 0), earlier or ''
end

local function set_newest(pool, last, requests, tokens, earlier)
  set_field(pool, 'sent', string.format('%.0f:%.0f:%.0f', last, requests, tokens) .. string.sub(earlier, 1, SENT.max_length))
end

-- Counts a request, in an entry for each second; a pool that has opened begins another one.
local function count_sent(pool, tokens, now)
  local last, requests, sent_tokens, earlier = newest_sent(pool)
  if math.floor(last / SENT.entry_ms) ~= math.floor(now / SENT.entry_ms) or number_of(pool, 'opened_ms') == now then
    requests, sent_tokens, earlier = 0, 0, ' ' .. (pool.stored.sent or '')
  end
  set_newest(pool, now, requests + 1, sent_tokens + tokens, earlier)
end

-- Takes back what was counted too much: a request that was refused, tokens that were not used.
local function uncount_sent(pool, requests, tokens)
  local last, before, tokens_before, earlier = newest_sent(pool)
  if last > 0 then set_newest(pool, last, before - requests, tokens_before - tokens, earlier) end
end

-- Returns how many requests or tokens were sent after a time.
local function sent_since(pool, kind, since)
  local total = 0
  for last, requests, tokens in string.gmatch(pool.stored.sent or '', SENT.entry) do
    if tonumber(last) > since then total = total + (kind == 'tokens' and tokens or requests) end
  end
  return total
end

-- Returns the ms until a part of what was sent in the last minute is older than that.
local function minute_leaves(pool, kind, now)
  local most, later = (1 - LEAVING) * sent_since(pool, kind, now - MINUTE_MS), 0
  for last, requests, tokens in string.gmatch(pool.stored.sent or '', SENT.entry) do
    later = later + (kind == 'tokens' and tokens or requests)
    if later > most then return last + MINUTE_MS - now end
  end
  return 0
end

-- Lets a rate grow only while a minute of it was sent: what was not used shows nothing.
local function hold_rate(pool, now)
  local _, holds, hold = growth(pool, now)
  local kind = pool.learns_tokens and 'tokens' or 'requests'
  local is_full = sent_since(pool, kind, now - MINUTE_MS) >= RATE.used * number_of(pool, 'minute_' .. kind)
  if holds > 2 and not is_full then set_field(pool, 'cut_ms', now - 2 * hold) end
end

-- Returns what a minute has no more of, at a provider that counts a minute: requests or tokens.
local function full_minute(pool, tokens, now)
  for kind, amount in pairs({ requests = 1, tokens = tokens }) do
    local limit = pool['learns_' .. kind] and number_of(pool, 'minute_' .. kind) * growth(pool, now) or math.huge
    local sent = limit < math.huge and sent_since(pool, kind, now - MINUTE_MS) or 0
    if sent > 0 and sent + amount > limit then return kind end
  end
end
