-- Stops a job. One that nobody runs is cancelled here and now; one that runs is marked, and after
-- this answer no call of it can start, because the ledger refuses it.
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
local now = now_ms()
if seen[2] == '' then
  close(id, now, 'cancelled', 'cancelled', { 'message', ARGV[2], 'cancel', ARGV[4], 'cancel_reason', ARGV[5] })
  return { 'cancelled' }
end
if not redis.call('HGET', job, 'cancel') then
  note(id, now, 'status', { 'cancel', ARGV[4], 'cancel_reason', ARGV[5], 'phase', 'cancelling', 'message', ARGV[3] })
end
return { 'cancelling', seen[2] }
