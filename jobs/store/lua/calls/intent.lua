-- Records the intent of a model call before its request leaves, or returns what is known of the call. At most one
-- billable request is sent for a call_id. A usable result of an earlier generation of the step is replayed; an
-- earlier call that is being stopped is not joined. A cached response becomes a call without cost. The calls of a job cost
-- at most its maximum cost, once more for each retry: neither a faulty worker nor a stranger can spend more.
-- KEYS[1] hash  the job
-- KEYS[2] hash  the row of this call
-- KEYS[3] set   the calls of the job
-- KEYS[4] zset  calls in flight
-- ARGV[1] job id
-- ARGV[2] attempt of the caller
-- ARGV[3] step
-- ARGV[4] generation
-- ARGV[5] lease holder, unique to this lore_service process
-- ARGV[6] lease in ms
-- ARGV[7...] fields of the row, name and value in turn; `fencing_token` is unique to this purchase, so
--   that a repeated request gets 'go' again instead of 'attach';
--   `cache` is 'use' or 'only' where the owner's cached response to `request` will do, and 'only' forbids to buy;
--   `pool` must have room for a request of `expected_tokens`
-- Returns {'go', call_id, epoch if it was recorded now} | {'attach', call_id} | {'done' | 'unknown' | 'unusable' | 'cancelled', call_id, field, value, ...}
--   | {'fenced'} | {'cancel'} | {'absent'} | {'refused', what the purchase exceeds: calls, price or limit}
--   | {'wait', ms until it is worth asking again, what has no room: closed, concurrency, requests or tokens, why it is closed,
--   ms that the provider asks to wait}
local job, id, step, generation = KEYS[1], ARGV[1], ARGV[3], tonumber(ARGV[4])
require_type(job, 'hash')
require_type(KEYS[2], 'hash')
require_type(KEYS[3], 'set')
require_type(KEYS[4], 'zset')
local job_values = redis.call('HMGET', job, 'status', 'attempt', 'cancel', 'generation', 'max_micros', 'pool')
if job_values[1] ~= 'processing' or job_values[2] ~= ARGV[2] or generation > tonumber(job_values[4]) then return { 'fenced' } end -- rule: fence
if job_values[3] then return { 'cancel' } end -- rule: cancel
local row_fields = {}
for i = 7, #ARGV, 2 do row_fields[ARGV[i]] = ARGV[i + 1] end
local token = row_fields.fencing_token
local function exceeded_limit()
  if redis.call('SCARD', KEYS[3]) >= MAX_CALLS then return 'calls' end -- rule: call-count
  local price, limit, spent = tonumber(row_fields.max_micros), tonumber(job_values[5]), 0
  if not limit then return price and price > 0 and 'price' end -- rule: unpriced-job
  if not price then return 'price' end -- rule: unpriced-call
  for _, row in pairs(rows_of(id)) do spent = spent + call_cost(row) end -- rule: spent-before
  return spent + price > limit * (job_values[4] + 1) and 'limit' -- rule: spending-limit
end
for earlier = generation, 0, -1 do -- rule: generations
  local call_id = id .. '/' .. step .. '/' .. earlier
  local row = redis.call('HMGET', CALL .. call_id, 'state', 'usable', 'fencing_token', 'cancel')
  local state = row[1]
  if state == 'done' and row[2] == '0' then state = 'unusable' end -- rule: unusable
  if state == 'intent' and row[4] and earlier < generation then state = 'cancelled' end -- rule: cancelled
  if state == 'intent' and token and row[3] == token then return { 'go', call_id } end -- rule: same-ticket
  if state == 'intent' then return { 'attach', call_id } end -- rule: attach
  if state == 'done' or (earlier == generation and state and state ~= 'released') then -- rule: known
    local answer = redis.call('HGETALL', CALL .. call_id)
    table.insert(answer, 1, state)
    table.insert(answer, 2, call_id)
    return answer
  end
end
local call_id = id .. '/' .. step .. '/' .. generation
local response = RESPONSE .. response_owner(job) .. ':' .. (row_fields.request or '')
local cached = row_fields.cache and has_type(response, 'hash') and redis.call('HGETALL', response) or {} -- rule: cache
if row_fields.cache == 'only' and #cached == 0 then return { 'absent' } end -- rule: cache-only
local exceeded = #cached == 0 and exceeded_limit()
if exceeded then return { 'refused', exceeded } end -- rule: spending
local now = now_ms()
local pool, tokens = row_fields.pool or '', tonumber(row_fields.expected_tokens or '') or 0
local wait, reason = 0, nil
if #cached == 0 then wait, reason = pool_wait(pool, tokens, now) end -- rule: room
local is_reserved = job_values[6] == pool and pool_has_place(pool, id, now) -- rule: reserved
if wait > 0 and (reason == 'closed' or not is_reserved) then return { 'wait', wait, reason, pool_closed(pool, now) } end
local epoch = next_epoch()
redis.call('DEL', KEYS[2]) -- rule: new-row
redis.call('HSET', KEYS[2], 'call_id', call_id, 'job_id', id, 'step', step, 'state', 'intent', 'attempt', ARGV[2],
  'lease_holder', ARGV[5], 'intent_ms', now, unpack(ARGV, 7))
redis.call('SADD', KEYS[3], call_id) -- rule: calls
if #cached > 0 then -- rule: cached
  redis.call('HSET', KEYS[2], 'state', 'done', 'settled_ms', now, 'cached', '1', 'cost_micros', 0, unpack(cached)) -- rule: cached-cost
  redis.call('HDEL', KEYS[2], 'user_id') -- whose response it was
  return { 'done', call_id, unpack(redis.call('HGETALL', KEYS[2])) }
end
if is_reserved then pool_give_back(pool, id, now) end
pool_take(pool, call_id, tokens, now, now + ARGV[6]) -- rule: taken
redis.call('ZADD', KEYS[4], now + ARGV[6], call_id) -- rule: lease
return { 'go', call_id, epoch }
