-- Releases a job: its worker stops, or the next attempt comes later. Fences the old attempt.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- ARGV[2] attempt
-- ARGV[3] lease holder
-- ARGV[4] phase: recovering | retry_wait | one of WAITING_PHASES
-- ARGV[5] message
-- ARGV[6] ms until the next try
-- ARGV[7] what is counted: 'retry'; 'again' for a retry that may buy a call of unknown outcome again; 'wait', which uses
--   up no attempt; else '0'
-- ARGV[8] ms until an admitted job is due for the reconciler
-- ARGV[9...] fields of the record, name and value in turn
-- Returns {'ok', the next attempt, id and attempt in turn of the jobs that were admitted and are to be enqueued} | {'cancel'} | {'lost'}
-- Updates: status
local job, id, wait = KEYS[1], ARGV[1], tonumber(ARGV[6])
require_job(id)
local values = redis.call('HMGET', job, 'status', 'attempt', 'lease_holder', 'cancel')
if values[1] ~= 'processing' or values[2] ~= ARGV[2] or values[3] ~= ARGV[3] then return { 'lost' } end -- rule: fence
if values[4] then return { 'cancel' } end -- rule: cancel
require_place(place_of(id))
local now = now_ms()
if ARGV[7] == 'wait' then redis.call('HINCRBY', job, 'waits', 1) end -- rule: waits
if ARGV[7] == 'retry' or ARGV[7] == 'again' then redis.call('HINCRBY', job, 'retries', 1) end -- rule: retries
if ARGV[7] == 'again' then
  redis.call('HINCRBY', job, 'generation', 1)
  redis.call('HDEL', job, 'consent') -- rule: consent
end
redis.call('HSET', job, 'next_try_ms', wait > 0 and now + wait or 0, unpack(ARGV, 9))
local attempt = release_lease(id, now, ARGV[4], ARGV[5], now + wait) -- rule: wait
return { 'ok', attempt, wait > 0 and {} or gate_enter(place_of(id), now, now + ARGV[8]) } -- rule: at-once
