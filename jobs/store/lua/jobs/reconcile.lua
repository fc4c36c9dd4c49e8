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
-- Returns a flat list of four for each job: id, attempt, 'enqueue' | 'recovered' | 'failed' | 'cancelled' | 'gone' (ended)
--   | 'deleted' (without a record) | 'waiting', its queue or ''
-- Updates: status, done
local now = now_ms()
require_indexes()
local look, max_losses = now + ARGV[2], tonumber(ARGV[3])
local answers, queues = {}, { [ARGV[14]] = true }
local queue = ''
local function answer(id, attempt, what)
  for _, value in ipairs({ id, attempt, what, queue }) do answers[#answers + 1] = value end
end
local function answer_admitted(admitted)
  for i = 1, #admitted, 2 do answer(admitted[i], admitted[i + 1], 'enqueue') end
end
local function fail(id, attempt, why, detail)
  finish_job(id, now, 'failed', 'failed', { 'message', ARGV[10], 'error', why, 'error_detail', detail })
  answer(id, attempt, 'failed')
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do -- rule: due
  local place = is_intact(id) and place_of(id)
  local attempt = place and place.attempt or '0'
  queue = place and place.queue or ''
  if queue ~= '' then queues[queue] = true end -- rule: every-queue
  if not (place and place.is_unfinished) then
    local is_deleted = redis.call('EXISTS', JOB .. id) == 0
    redis.call('ZREM', KEYS[1], id) -- rule: gone
    if is_deleted then
      unindex_job(id)
      settle_reservation(id) -- rule: settled
    end
    answer(id, attempt, is_deleted and 'deleted' or 'gone')
  elseif not is_place_intact(place) then
    redis.call('ZADD', KEYS[1], look, id)
    answer(id, attempt, 'waiting')
  elseif place.is_waiting and place.fails_at < now then -- rule: overdue
    if place.is_recovering then fail(id, attempt, ARGV[12], ARGV[13]) else fail(id, attempt, ARGV[8], ARGV[9]) end
  elseif place.is_waiting and is_admitted(place) then
    redis.call('ZADD', KEYS[1], look, id) -- rule: enqueued
    answer(id, attempt, 'enqueue')
  elseif place.is_waiting then
    answer_admitted(gate_enter(place, now, look)) -- rule: waits
    if not is_admitted(place) then answer(id, attempt, 'waiting') end
  elseif ARGV[4] ~= '1' then -- rule: take-over
    redis.call('ZADD', KEYS[1], look, id)
    answer(id, attempt, 'waiting')
  elseif redis.call('HEXISTS', JOB .. id, 'cancel') == 1 then -- rule: cancelled
    finish_job(id, now, 'cancelled', 'cancelled', { 'message', ARGV[11] })
    answer(id, attempt, 'cancelled')
  elseif tonumber(redis.call('HGET', JOB .. id, 'losses_in_a_row') or 0) + 1 >= max_losses then -- rule: losses
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
