-- Takes jobs whose records have expired out of the indexes.
-- KEYS[1] zset  jobs that have ended, by the ms of their expiry
-- ARGV[1] how many, at most
-- Returns {how many it took out}
local tidied = 0
if not fits(KEYS[1], 'zset') then return { tidied } end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now_ms(), 'LIMIT', 0, ARGV[1])) do
  if redis.call('EXISTS', 'job:' .. id) == 0 then
    forget(id)
    tidied = tidied + 1
  end
end
return { tidied }
