-- A worker takes a job that waits, or that its last worker lost. Safe to send twice: the same
-- owner is given the same attempt again.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- ARGV[2] attempt that the doorbell named
-- ARGV[3] owner, unique to this worker process
-- ARGV[4] ms that the lease lasts
-- Returns {'ok', field, value, ...} | {'gone'} | {'terminal'} | {'stale'} | {'busy'} | {'late'}
-- Updates: status
local job, id, owner = KEYS[1], ARGV[1], ARGV[3]
expect_job(id)
local seen = redis.call('HMGET', job, 'status', 'attempt', 'owner', 'start_by_ms', 'progress', 'work_message', 'started_ms')
local status = seen[1]
if not status then return { 'gone' } end
if status ~= 'pending' and status ~= 'processing' then return { 'terminal' } end
if seen[2] ~= ARGV[2] then return { 'stale' } end
if seen[3] ~= '' and seen[3] ~= owner then return { 'busy' } end
local now = now_ms()
if seen[3] == '' then
  if status == 'pending' and tonumber(seen[4]) < now then return { 'late' } end
  note(id, now, 'status', { 'status', 'processing', 'phase', 'generating', 'owner', owner, 'lease_ms', now + ARGV[4],
    'progress', math.max(20, tonumber(seen[5])), 'message', seen[6] or '', 'started_ms', seen[7] or now,
    'attempt_started_ms', now, 'next_try_ms', 0 })
  redis.call('ZADD', 'due', now + ARGV[4], id)
end
local record = redis.call('HGETALL', job)
table.insert(record, 1, 'ok')
return record
