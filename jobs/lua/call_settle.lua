-- Writes how a call ended. Only an open call can be settled, so nothing is booked twice; a result
-- that arrives after the call was given up as unknown corrects it, once.
-- KEYS[1] hash  the row of the call
-- KEYS[2] zset  calls in flight
-- KEYS[3] hash  the job
-- ARGV[1] call_id
-- ARGV[2] state: done | unknown | released | cancelled
-- ARGV[3...] fields of the row, name and value in turn
-- Returns {'ok'} | {'settled', state} | {'gone'}
local row, state = KEYS[1], ARGV[2]
expect(row, 'hash')
expect(KEYS[2], 'zset')
expect(KEYS[3], 'hash')
local before = redis.call('HGET', row, 'state')
if not before then return { 'gone' } end
if before ~= 'intent' and not (before == 'unknown' and state == 'done') then return { 'settled', before } end
redis.call('HSET', row, 'state', state, 'settled_ms', now_ms(), unpack(ARGV, 3))
redis.call('ZREM', KEYS[2], ARGV[1])
local status = redis.call('HGET', KEYS[3], 'status')
if status ~= 'pending' and status ~= 'processing' then redis.call('PEXPIRE', row, RETENTION_MS) end
return { 'ok' }
