-- Part 13 of every script: learns the rate of a pool from refusals.
local MARGIN = 0.98 -- of what was accepted
local MIN_REQUESTS = 10 -- in a minute: from fewer no rate can be read, so the pool only closes for longer and longer
local LASTING = 3 -- so many closings without an accepted request show a limit that counts for long
local LONG_ASKED_MS = 2000 -- a provider that asks for more time counts requests, not calls at once
local CHANCE = 1 / 3 -- a rate that fell to so little without helping is not why requests are refused
local LOWERED = 0.7 -- a rate that falls by more at once was really too high
local AGAIN = 0.95 -- a rate that is refused in its first hold falls at least so far
local MAX_HOLD_MS, HELD_REQUESTS = 120000, 30 -- a rate is held for so many requests

-- Returns what was accepted per minute since the refusal before: the rate of a provider that had none left then, and has none
-- left now. It may have saved up a burst in between. Nothing after a first refusal.
local function shown_rate(pool, kind, now, asked_ms)
  local before = number_of(pool, 'refused_ms')
  local from = math.max(before, now + math.min(asked_ms, MINUTE_MS) - MINUTE_MS)
  if from > before and asked_ms < LONG_ASKED_MS and not is_uncertain(pool) then return nil end
  local rate, sum = 0, 0
  for last, requests, tokens in string.gmatch(pool.stored.sent or '', SENT.entry) do
    if tonumber(last) <= from then break end
    sum = sum + (kind == 'tokens' and tokens or requests)
    rate = math.max(rate, sum / (now - last + SENT.entry_ms + BURST_MS + asked_ms))
  end
  return math.max(rate, sum / math.max(1, now - from + asked_ms)) * MINUTE_MS
end

-- Holds a rate from now on, in the minute too.
local function hold_at(pool, kind, rate, minute, requests, now)
  local hold = math.min(MAX_HOLD_MS, math.max(RATE.hold_ms, HELD_REQUESTS * MINUTE_MS / requests))
  local fields = { ['learnt_' .. kind] = rate, ['minute_' .. kind] = minute, learnt_from = 'refusals', cut_ms = now, hold_ms = hold }
  for field, value in pairs(fields) do set_field(pool, field, value) end
  set_field(pool, kind .. '_left', 0)
  pool[kind .. '_left'] = 0
end

-- Lowers the rate to what was accepted, of which `unanswered` requests are not known yet.
local function learn_rate(pool, kind, unanswered, now, asked_ms)
  local closings, requests = number_of(pool, 'closings'), sent_since(pool, 'requests', now - MINUTE_MS) - unanswered
  if requests < MIN_REQUESTS or now < number_of(pool, 'free_until_ms') then return end -- rule: few-requests
  local minute = sent_since(pool, kind, now - MINUTE_MS)
  local shown = closings == 1 and shown_rate(pool, kind, now, asked_ms)
  if closings >= LASTING then
    shown = minute
    set_field(pool, 'closed_until_ms', math.max(number_of(pool, 'asked_until_ms'), now + minute_leaves(pool, kind, now)))
  end
  if not shown then return end
  local share = MARGIN * requests / (requests + unanswered)
  local rate, before, _, holds = math.max(1, share * shown), is_uncertain(pool) and pool[kind] or math.huge, growth(pool, now)
  if holds < 1 then rate = math.min(rate, AGAIN * before) end
  if rate < LOWERED * before or now - number_of(pool, 'cut_ms') > RATE.hold_ms then set_field(pool, 'top_rate', rate) end
  forget_rate(pool)
  if rate < number_of(pool, 'top_rate') * CHANCE then return set_field(pool, 'free_until_ms', now + MINUTE_MS) end -- rule: chance
  hold_at(pool, kind, rate, share * math.max(shown, minute), requests, now)
end

