-- Stops a job. One that nobody runs is cancelled here and now; one that runs is marked, and after
-- this answer no call of it can start, because the ledger refuses it. Calls in flight are marked too,
-- so that they are stopped at the provider even when no worker lives to say so; unless they are to
-- be waited for. 'now' after 'after_current_call' makes it sooner, never the other way round.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- ARGV[2] words for a cancelled job
-- ARGV[3] words for one that is still running
-- ARGV[4] mode: now | after_current_call
-- ARGV[5] reason given by the person, or ''
-- Returns {'cancelled'} | {'cancelling', owner} | {'terminal', status} | {'gone'}
-- Updates: status, done
local job, id = KEYS[1], ARGV[1]
expect_job(id)
local seen = redis.call('HMGET', job, 'status', 'owner')
if not seen[1] then return { 'gone' } end
if seen[1] ~= 'pending' and seen[1] ~= 'processing' then return { 'terminal', seen[1] } end
local calls = ARGV[4] == 'now' and redis.call('SMEMBERS', job_keys(id).calls) or {}
for _, call_id in ipairs(calls) do expect('call:' .. call_id, 'hash') end
local now = now_ms()
for _, call_id in ipairs(calls) do
  if redis.call('HGET', 'call:' .. call_id, 'state') == 'intent' then redis.call('HSET', 'call:' .. call_id, 'cancel', '1') end
end
if seen[2] == '' then
  close(id, now, 'cancelled', 'cancelled', { 'message', ARGV[2], 'cancel', ARGV[4], 'cancel_reason', ARGV[5] })
  return { 'cancelled' }
end
local before = redis.call('HGET', job, 'cancel')
if not before or (before ~= 'now' and ARGV[4] == 'now') then
  note(id, now, 'status', { 'cancel', ARGV[4], 'cancel_reason', ARGV[5], 'phase', 'cancelling', 'message', ARGV[3] })
end
return { 'cancelling', seen[2] }
