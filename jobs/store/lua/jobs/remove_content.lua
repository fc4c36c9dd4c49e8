-- Removes the content of one ended job that is not stored, because a client has read it, or of all that are due.
-- KEYS[1] zset  ended jobs by the ms when their content is removed
-- ARGV[1] job id, or '' for all that are due
-- ARGV[2] maximum number of jobs
-- Returns {number of jobs}
local removed, now = 0, now_ms()
if not has_type(KEYS[1], 'zset') then return { removed } end
local ids = ARGV[1] == '' and redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2]) or { ARGV[1] } -- rule: due
for _, id in ipairs(ids) do
  local is_ended = is_intact(id) and redis.call('HEXISTS', JOB .. id, 'completed_ms') == 1
  if is_ended and redis.call('ZSCORE', KEYS[1], id) then -- rule: ended
    remove_content(id, now)
    removed = removed + 1
  else
    unindex(KEYS[1], id)
  end
end
return { removed }
