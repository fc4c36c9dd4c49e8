-- The worker's last word on a job. A job that was told "cancelling" ends cancelled whatever the
-- worker says, and keeps its result as a partial one; a result takes the place of a partial one
-- of an earlier attempt. Safe to send twice: the second is 'terminal'.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- ARGV[2] attempt
-- ARGV[3] owner
-- ARGV[4] outcome: completed | failed | cancelled
-- ARGV[5] the words for a cancelled job
-- ARGV[6] key of the durations list, or '' to leave this run out of the statistics; beside it `lengths` takes
--   the field of that name
-- ARGV[7...] fields of the record, name and value in turn
-- Returns {the status it ended in} | {'lost'} | {'terminal'}
-- Updates: done
local job, id, outcome = KEYS[1], ARGV[1], ARGV[4]
expect_job(id)
local seen = redis.call('HMGET', job, 'status', 'attempt', 'owner', 'cancel', 'attempt_started_ms')
if not seen[1] then return { 'lost' } end
if seen[1] ~= 'pending' and seen[1] ~= 'processing' then return { 'terminal' } end
if seen[2] ~= ARGV[2] or seen[3] ~= ARGV[3] then return { 'lost' } end
if seen[3] == '' and outcome ~= 'failed' then return { 'lost' } end
local lengths, told = string.gsub(ARGV[6], '^durations', 'lengths'), nil
if ARGV[6] ~= '' then
  expect(ARGV[6], 'list')
  expect(lengths, 'list')
end
local now = now_ms()
local fields = {}
for i = 7, #ARGV, 2 do
  local name = ARGV[i]
  if name == 'lengths' then told = ARGV[i + 1] end
  if seen[4] and name == 'result' then name = 'partial_result' end
  if not (seen[4] and (name == 'message' or name == 'progress' or name == 'error' or name == 'error_detail')) then
    fields[#fields + 1] = name
    fields[#fields + 1] = ARGV[i + 1]
  end
end
if seen[4] then
  outcome = 'cancelled'
  fields[#fields + 1] = 'message'
  fields[#fields + 1] = ARGV[5]
end
if outcome == 'completed' and ARGV[6] ~= '' then
  for key, value in pairs({ [ARGV[6]] = (now - seen[5]) / 1000, [lengths] = told }) do
    redis.call('LPUSH', key, value)
    redis.call('LTRIM', key, 0, 49)
    redis.call('PEXPIRE', key, 30 * RETENTION_MS)
  end
end
if outcome == 'completed' then redis.call('HDEL', job, 'partial_result') end
close(id, now, outcome, outcome, fields)
return { outcome }
