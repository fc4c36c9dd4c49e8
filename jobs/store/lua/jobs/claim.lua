-- Claims a job for a worker. Safe to send twice: the same lease holder gets the same attempt again. A job that waits for
-- something to come back shows so until its worker finds it there. One that was paused meanwhile waits at the gate again.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- ARGV[2] attempt of the queue message
-- ARGV[3] lease holder, unique to this worker process
-- ARGV[4] lease in ms
-- ARGV[5] RQ's queue that the message was in
-- Returns {'ok', field, value, ...} | {'gone'} | {'terminal'} | {'stale'} | {'busy'} | {'late'} | {'other_queue'} | {'paused'}
-- Updates: status
local job, id, holder = KEYS[1], ARGV[1], ARGV[3]

-- Returns the durations of recent runs in seconds, shortest first, separated by blanks: a record has none while it waits.
local function recent_durations()
  local values = redis.call('HMGET', job, 'type', 'model')
  local list, seconds = DURATIONS .. (values[1] or '') .. ':' .. (values[2] or ''), {}
  for i, run in ipairs(has_type(list, 'list') and redis.call('LRANGE', list, 0, -1) or {}) do seconds[i] = tonumber(run) or 0 end
  table.sort(seconds)
  for i, run in ipairs(seconds) do seconds[i] = string.format('%.1f', math.max(run, 0.1)) end
  return table.concat(seconds, ' ')
end

require_job(id)
local values = redis.call('HMGET', job, 'status', 'attempt', 'lease_holder', 'start_by_ms', 'progress', 'work_message', 'started_ms',
  'queue', 'phase', 'message', 'work_progress')
local status = values[1]
if not status then return { 'gone' } end
if status ~= 'pending' and status ~= 'processing' then return { 'terminal' } end -- rule: terminal
if values[2] ~= ARGV[2] then return { 'stale' } end -- rule: attempt
if values[3] ~= '' and values[3] ~= holder then return { 'busy' } end -- rule: busy
if values[8] and values[8] ~= ARGV[5] then return { 'other_queue' } end -- rule: queue
local now = now_ms()
if values[3] == '' then
  if status == 'pending' and tonumber(values[4]) < now then return { 'late' } end -- rule: late
  local place = place_of(id)
  require_place(place)
  if is_paused(place) then return { 'paused', release_turn(place, now) } end -- rule: paused
  local phase, message = 'generating', values[6] or ''
  if WAITING_PHASES[values[9]] then phase, message = values[9], values[10] end -- rule: waiting
  record_event(id, now, 'status', { 'status', 'processing', 'phase', phase, 'lease_holder', holder, 'lease_ms', now + ARGV[4],
    'progress', math.max(20, tonumber(values[5]), tonumber(values[11] or 0)), 'message', message, 'started_ms', values[7] or now, -- rule: progress
    'attempt_started_ms', now, 'next_try_ms', 0, 'recent_durations_s', recent_durations() })
  redis.call('ZADD', DEADLINES, now + ARGV[4], id) -- rule: lease
  gate_claimed(place, holder)
end
local record = redis.call('HGETALL', job)
table.insert(record, 1, 'ok')
return record
