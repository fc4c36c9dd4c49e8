-- Cancels a job. Without a lease holder it ends at once. Else it is marked, and the ledger refuses its further calls;
-- in mode `now` its calls in flight are marked too, so that they stop even if the worker is dead. A later `now`
-- replaces `after_current_call`, not the reverse.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- ARGV[2] message of a cancelled job
-- ARGV[3] message of one that still runs
-- ARGV[4] mode: now | after_current_call
-- ARGV[5] the person's reason, or ''
-- ARGV[6] who cancels
-- Returns {'cancelled'} | {'cancelling'} | {'terminal'} | {'gone'}
-- Updates: status, done
local job, id = KEYS[1], ARGV[1]
require_job(id)
local values = redis.call('HMGET', job, 'status', 'lease_holder', 'cancel_reason')
if not values[1] then return { 'gone' } end
if values[1] ~= 'pending' and values[1] ~= 'processing' then return { 'terminal' } end -- rule: terminal
local calls = ARGV[4] == 'now' and redis.call('SMEMBERS', job_keys(id).calls) or {}
for _, call_id in ipairs(calls) do require_type(CALL .. call_id, 'hash') end
require_place(place_of(id))
local now = now_ms()
local reason = ARGV[5] ~= '' and ARGV[5] or values[3] or '' -- rule: first-reason
for _, call_id in ipairs(calls) do
  if redis.call('HGET', CALL .. call_id, 'state') == 'intent' then redis.call('HSET', CALL .. call_id, 'cancel', '1') end -- rule: calls
end
if values[2] == '' then
  finish_job(id, now, 'cancelled', 'cancelled', { 'message', ARGV[2], 'cancel', ARGV[4], 'cancel_reason', reason, 'cancelled_by', ARGV[6] })
  return { 'cancelled' }
end
local before = redis.call('HGET', job, 'cancel')
if not before or (before ~= 'now' and ARGV[4] == 'now') then -- rule: mode
  record_event(id, now, 'status', { 'cancel', ARGV[4], 'cancel_reason', reason, 'cancelled_by', ARGV[6], 'phase', 'cancelling', 'message', ARGV[3] }) -- rule: mark
end
return { 'cancelling' }
