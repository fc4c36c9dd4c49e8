-- Records the end of a call, once: only an open call can be settled, or an unknown one that gets its result. Only the
-- holder of the fencing token can settle, so a late reply to a released purchase changes nothing. The text of a
-- job that is deleted, completed or without content is dropped.
-- KEYS[1] hash  the row of the call
-- KEYS[2] zset  calls in flight
-- KEYS[3] hash  the job
-- ARGV[1] call_id
-- ARGV[2] state: done | unknown | released | cancelled
-- ARGV[3...] fields of the row, name and value in turn, `fencing_token` among them, and `used_tokens` where they are known
-- Returns {'ok'} | {'settled'} | {'gone'}
-- Updates: cost
local row, state = KEYS[1], ARGV[2]
require_type(row, 'hash')
require_type(KEYS[2], 'zset')
require_type(KEYS[3], 'hash')
local values = redis.call('HMGET', row, 'state', 'fencing_token', 'pool')
local before, mine = values[1], not values[2]
if not before then
  charge_maximum(ARGV[1]) -- rule: maximum-charged
  return { 'gone' } -- rule: gone
end
local used = state ~= 'released' and 'all' or nil -- rule: used
for i = 3, #ARGV, 2 do
  mine = mine or (ARGV[i] == 'fencing_token' and ARGV[i + 1] == values[2])
  if ARGV[i] == 'used_tokens' then used = tonumber(ARGV[i + 1]) end
end
local open = before == 'intent' or (before == 'unknown' and state == 'done') -- rule: open
if not (mine and open) then return { 'settled' } end -- rule: fence
local now = now_ms()
redis.call('HSET', row, 'state', state, 'settled_ms', now, unpack(ARGV, 3))
redis.call('ZREM', KEYS[2], ARGV[1]) -- rule: deadline
pool_give_back(values[3], ARGV[1], now, used) -- rule: room
local status = redis.call('HGET', KEYS[3], 'status')
local is_over = not status or status == 'completed' or redis.call('HEXISTS', KEYS[3], 'content_removed_ms') == 1
if is_over then redis.call('HDEL', row, 'text') end -- rule: text
if status ~= 'pending' and status ~= 'processing' then expire_call(row, KEYS[3]) end -- rule: ttl
settle_after_end(ARGV[1]) -- rule: settled
record_cost(ARGV[1], now) -- rule: cost
return { 'ok' }
