-- Writes how a call ended. Only an open call can be settled, so nothing is booked twice; a result
-- that arrives after the call was given up as unknown corrects it, once. A row that was recorded
-- under a ticket is settled with that ticket only: a late word about an earlier purchase, which was
-- released, must not touch the one that is in flight now. The text of a deleted job is not kept.
-- KEYS[1] hash  the row of the call
-- KEYS[2] zset  calls in flight
-- KEYS[3] hash  the job
-- ARGV[1] call_id
-- ARGV[2] state: done | unknown | released | cancelled
-- ARGV[3...] fields of the row, name and value in turn, `ticket` among them
-- Returns {'ok'} | {'settled', state} | {'gone'}
-- Updates: cost
local row, state = KEYS[1], ARGV[2]
expect(row, 'hash')
expect(KEYS[2], 'zset')
expect(KEYS[3], 'hash')
local seen = redis.call('HMGET', row, 'state', 'ticket')
local before, mine = seen[1], not seen[2]
if not before then
  forfeit(ARGV[1])
  return { 'gone' }
end
for i = 3, #ARGV, 2 do mine = mine or (ARGV[i] == 'ticket' and ARGV[i + 1] == seen[2]) end
local open = before == 'intent' or (before == 'unknown' and state == 'done')
if not (mine and open) then return { 'settled', before } end
local now = now_ms()
redis.call('HSET', row, 'state', state, 'settled_ms', now, unpack(ARGV, 3))
redis.call('ZREM', KEYS[2], ARGV[1])
local status = redis.call('HGET', KEYS[3], 'status')
if not status then redis.call('HDEL', row, 'text') end
if status ~= 'pending' and status ~= 'processing' then redis.call('PEXPIRE', row, RETENTION_MS) end
settle_late(ARGV[1])
note_cost(ARGV[1], now)
return { 'ok' }
