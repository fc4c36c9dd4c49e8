-- Records that a model call is about to be bought, before the request leaves; or says what is
-- already known of it. At most one billable request is ever sent for a call_id. A usable result of
-- an earlier generation of the same step is replayed instead of buying anew; one that is just being
-- stopped is not joined. Where a kept answer to the same request will do, it is entered as one that cost
-- nothing.
-- KEYS[1] hash  the job
-- KEYS[2] hash  the row of this call
-- KEYS[3] set   the calls of the job
-- KEYS[4] zset  calls in flight
-- KEYS[5] hash  the kept answer to this request, if there is one
-- ARGV[1] job id
-- ARGV[2] attempt that asks
-- ARGV[3] step
-- ARGV[4] generation
-- ARGV[5] owner, unique to this lore_service process
-- ARGV[6] ms that the owner's lease lasts
-- ARGV[7...] fields of the row, name and value in turn; `ticket` is unique to this purchase, so that
--   the same request sent again (its reply was lost) is told 'go' again and not to attach to itself;
--   `cache` is 'use' or 'only' where the kept answer will do, and 'only' forbids to buy
-- Returns {'go', call_id} | {'attach', call_id, owner} | {'done' | 'unknown' | 'unusable' | 'cancelled', call_id, field, value, ...}
--   | {'fenced'} | {'cancel'} | {'absent'}
local job, id, step, generation = KEYS[1], ARGV[1], ARGV[3], tonumber(ARGV[4])
expect(job, 'hash')
expect(KEYS[2], 'hash')
expect(KEYS[3], 'set')
expect(KEYS[4], 'zset')
local seen = redis.call('HMGET', job, 'status', 'attempt', 'cancel', 'generation')
if seen[1] ~= 'processing' or seen[2] ~= ARGV[2] or generation > tonumber(seen[4]) then return { 'fenced' } end
if seen[3] then return { 'cancel' } end
local told = {}
for i = 7, #ARGV, 2 do told[ARGV[i]] = ARGV[i + 1] end
local ticket = told.ticket
for earlier = generation, 0, -1 do
  local call_id = id .. '/' .. step .. '/' .. earlier
  local row = redis.call('HMGET', 'call:' .. call_id, 'state', 'usable', 'owner', 'ticket', 'cancel')
  local state = row[1]
  if state == 'done' and row[2] == '0' then state = 'unusable' end
  if state == 'intent' and row[5] and earlier < generation then state = 'cancelled' end
  if state == 'intent' and ticket and row[4] == ticket then return { 'go', call_id } end
  if state == 'intent' then return { 'attach', call_id, row[3] } end
  if state == 'done' or (earlier == generation and state and state ~= 'released') then
    local answer = redis.call('HGETALL', 'call:' .. call_id)
    table.insert(answer, 1, state)
    table.insert(answer, 2, call_id)
    return answer
  end
end
local call_id = id .. '/' .. step .. '/' .. generation
local kept = told.cache and fits(KEYS[5], 'hash') and redis.call('HGETALL', KEYS[5]) or {}
if told.cache == 'only' and #kept == 0 then return { 'absent' } end
local now = now_ms()
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'call_id', call_id, 'job_id', id, 'step', step, 'state', 'intent', 'attempt', ARGV[2],
  'owner', ARGV[5], 'intent_ms', now, unpack(ARGV, 7))
redis.call('SADD', KEYS[3], call_id)
if #kept > 0 then
  redis.call('HSET', KEYS[2], 'state', 'done', 'settled_ms', now, 'cached', '1', 'cost_micros', 0, unpack(kept))
  return { 'done', call_id, unpack(redis.call('HGETALL', KEYS[2])) }
end
redis.call('ZADD', KEYS[4], now + ARGV[6], call_id)
return { 'go', call_id }
