-- Removes jobs from the indexes whose records have expired.
-- KEYS[1] zset  jobs that have ended, by the ms of their expiry
-- ARGV[1] maximum number of jobs
-- Returns {number of removed jobs}
local removed = 0
if not has_type(KEYS[1], 'zset') then return { removed } end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now_ms(), 'LIMIT', 0, ARGV[1])) do
  if redis.call('EXISTS', JOB .. id) == 0 then -- rule: expired
    unindex_job(id)
    removed = removed + 1
  end
end
return { removed }
