-- Looks after every unfinished job whose time to be looked at has come. A job without an owner is
-- answered so that the doorbell is rung for it; one whose worker stopped renewing its lease is
-- taken from it, or ended when it was told to be cancelled; one that was never started in time, or
-- has lost too many workers, fails.
-- KEYS[1] zset  due
-- ARGV[1] how many jobs to look at, at most
-- ARGV[2] ms until the next look at a job that was rung for
-- ARGV[3] how many workers a job may lose
-- ARGV[4] '1' to take jobs from silent workers; '0' while the server has just come back
-- ARGV[5] words for a job taken over
-- ARGV[6], ARGV[7] error and error_detail (JSON) of a job that lost too many workers
-- ARGV[8], ARGV[9] error and error_detail (JSON) of a job that was never started
-- ARGV[10], ARGV[11] words for a failed job, for a cancelled one
-- Returns a flat list of three for each job: id, attempt, 'ring' | 'recovered' | 'failed' | 'cancelled' | 'gone' | 'waiting'
-- Updates: status, done
local now = now_ms()
expect_indexes()
local look, most_lost = now + ARGV[2], tonumber(ARGV[3])
local answers = {}
local function answer(id, attempt, what)
  for _, value in ipairs({ id, attempt, what }) do answers[#answers + 1] = value end
end
local function fail(id, attempt, why, detail)
  close(id, now, 'failed', 'failed', { 'message', ARGV[10], 'error', why, 'error_detail', detail })
  answer(id, attempt, 'failed')
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  local seen = intact(id) and redis.call('HMGET', 'job:' .. id, 'status', 'attempt', 'owner', 'start_by_ms', 'lost', 'cancel') or {}
  local status, attempt, owner = seen[1], seen[2], seen[3]
  if status ~= 'pending' and status ~= 'processing' then
    redis.call('ZREM', KEYS[1], id)
    if redis.call('EXISTS', 'job:' .. id) == 0 then
      forget(id)
      settle(id)
    end
    answer(id, attempt or '0', 'gone')
  elseif status == 'pending' and tonumber(seen[4]) < now then
    fail(id, attempt, ARGV[8], ARGV[9])
  elseif owner == '' then
    redis.call('ZADD', KEYS[1], look, id)
    answer(id, attempt, 'ring')
  elseif ARGV[4] ~= '1' then
    redis.call('ZADD', KEYS[1], look, id)
    answer(id, attempt, 'waiting')
  elseif seen[6] then
    close(id, now, 'cancelled', 'cancelled', { 'message', ARGV[11] })
    answer(id, attempt, 'cancelled')
  elseif tonumber(seen[5]) + 1 >= most_lost then
    fail(id, attempt, ARGV[6], ARGV[7])
  else
    redis.call('HINCRBY', 'job:' .. id, 'lost', 1)
    answer(id, disown(id, now, 'recovering', ARGV[5], look), 'recovered')
  end
end
return answers
