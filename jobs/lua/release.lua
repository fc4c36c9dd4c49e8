-- A worker gives a job back: it is stopping, or the next try comes later. The attempt it ran is
-- over; the next one may be claimed at once, or when the wait is over.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- ARGV[2] attempt
-- ARGV[3] owner
-- ARGV[4] phase: recovering | retry_wait
-- ARGV[5] message
-- ARGV[6] ms until the next try
-- ARGV[7] '1' when this counts as a retry; 'again' when it may also buy a call of unknown outcome again
-- ARGV[8] ms until the sweep looks at it, at the least: its worker rings for it itself, if it does not wait
-- ARGV[9...] fields of the record, name and value in turn
-- Returns {'ok', the next attempt} | {'cancel'} | {'lost'}
-- Updates: status
local job, id, wait = KEYS[1], ARGV[1], tonumber(ARGV[6])
expect_job(id)
local seen = redis.call('HMGET', job, 'status', 'attempt', 'owner', 'cancel')
if seen[1] ~= 'processing' or seen[2] ~= ARGV[2] or seen[3] ~= ARGV[3] then return { 'lost' } end
if seen[4] then return { 'cancel' } end
local now = now_ms()
if ARGV[7] ~= '0' then redis.call('HINCRBY', job, 'retries', 1) end
if ARGV[7] == 'again' then redis.call('HINCRBY', job, 'generation', 1) end
redis.call('HSET', job, 'next_try_ms', wait > 0 and now + wait or 0, unpack(ARGV, 9))
return { 'ok', disown(id, now, ARGV[4], ARGV[5], now + math.max(wait, tonumber(ARGV[8]))) }
