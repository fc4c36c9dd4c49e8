-- Handles every unfinished job that is due, and admits jobs. An admitted job without lease holder is enqueued again; another
-- waits at the gate; one whose lease expired passes to the next worker, or ends if it is being cancelled; one that missed its start deadline, waited too long or
-- lost too many workers fails.
-- KEYS[1] zset  due
-- ARGV[1] maximum number of jobs
-- ARGV[2] ms until an admitted job is due again
-- ARGV[3] maximum worker losses of a job
-- ARGV[4] '1' to take jobs over; '0' shortly after a restart of the server
-- ARGV[5] message of a job that was taken over
-- ARGV[6], ARGV[7] error and error_detail (JSON) of a job that lost too many workers
-- ARGV[8], ARGV[9] error and error_detail (JSON) of a job that was never started
-- ARGV[10], ARGV[11] messages of a failed and of a cancelled job
-- ARGV[12], ARGV[13] error and error_detail (JSON) of a job that waited until its deadline
-- ARGV[14] the caller's own queue
-- Returns a flat list of four for each job: id, attempt, 'enqueue' | 'recovered' | 'failed' | 'cancelled' | 'gone' | 'waiting',
--   its queue or ''
-- Updates: status, done
local now = now_ms()
require_indexes()
local look, max_losses = now + ARGV[2], tonumber(ARGV[3])
local answers, queues = {}, { [ARGV[14]] = true }
local queue
local function answer(id, attempt, what)
  for _, value in ipairs({ id, attempt, what, queue or '' }) do answers[#answers + 1] = value end
end
local function answer_admitted(admitted)
  for i = 1, #admitted, 2 do answer(admitted[i], admitted[i + 1], 'enqueue') end
end
local function fail(id, attempt, why, detail)
  finish_job(id, now, 'failed', 'failed', { 'message', ARGV[10], 'error', why, 'error_detail', detail })
  answer(id, attempt, 'failed')
end
local function is_overdue(since, deadline_s)
  return deadline_s and tonumber(since) + 1000 * deadline_s < now
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do -- rule: due
  local place = is_intact(id) and place_of(id)
  local values = is_intact(id) and redis.call('HMGET', JOB .. id, 'status', 'attempt', 'lease_holder', 'start_by_ms', 'losses_in_a_row', 'cancel', 'queue',
    'created_ms', 'deadline_s', 'retried_ms') or {}
  local status, attempt, holder = values[1], values[2], values[3]
  queue = values[7]
  if queue then queues[queue] = true end -- rule: every-queue
  if status ~= 'pending' and status ~= 'processing' then
    redis.call('ZREM', KEYS[1], id) -- rule: gone
    if redis.call('EXISTS', JOB .. id) == 0 then
      unindex_job(id)
      settle_reservation(id) -- rule: settled
    end
    answer(id, attempt or '0', 'gone')
  elseif not is_place_intact(place) then
    redis.call('ZADD', KEYS[1], look, id)
    answer(id, attempt, 'waiting')
  elseif status == 'pending' and tonumber(values[4]) < now then -- rule: late
    fail(id, attempt, ARGV[8], ARGV[9])
  elseif holder == '' and status == 'processing' and is_overdue(values[10] or values[8], values[9]) then -- rule: overdue
    fail(id, attempt, ARGV[12], ARGV[13])
  elseif holder == '' and is_admitted(place) then
    redis.call('ZADD', KEYS[1], look, id) -- rule: enqueued
    answer(id, attempt, 'enqueue')
  elseif holder == '' then
    answer_admitted(gate_enter(place, now, look)) -- rule: waits
    if not is_admitted(place) then answer(id, attempt, 'waiting') end
  elseif ARGV[4] ~= '1' then -- rule: take-over
    redis.call('ZADD', KEYS[1], look, id)
    answer(id, attempt, 'waiting')
  elseif values[6] then -- rule: cancelled
    finish_job(id, now, 'cancelled', 'cancelled', { 'message', ARGV[11] })
    answer(id, attempt, 'cancelled')
  elseif tonumber(values[5] or 0) + 1 >= max_losses then -- rule: losses
    fail(id, attempt, ARGV[6], ARGV[7])
  else
    redis.call('HINCRBY', JOB .. id, 'worker_losses', 1) -- rule: loss
    redis.call('HINCRBY', JOB .. id, 'losses_in_a_row', 1) -- rule: loss-in-a-row
    release_lease(id, now, 'recovering', ARGV[5], look)
    answer(id, attempt + 1, 'recovered')
    answer_admitted(gate_enter(place_of(id), now, look))
  end
end
for name in pairs(queues) do
  queue = name
  gate_repair(queue)
  answer_admitted(gate_admit(queue, tonumber(ARGV[1]), now, look)) -- rule: admits
end
return answers
