-- Chooses the job of a request of a client that sends it again, without a key, after a failure. A retry means the job of
-- the same request that was not delivered and was not asked for the longest, so that the retries of several samples are
-- different jobs; else the one that was delivered last. Where none is known, its first request never arrived: the retry
-- makes the job, which that first request takes over if it comes late.
-- KEYS[1] zset    the jobs of a request by the ms when it last came; by minus the ms of the delivery, where there was one
-- KEYS[2] string  the job that a retry made, and the id for a new job of the request that took it over
-- ARGV[1] number of the retry; 0: the first request
-- ARGV[2] id for a new job
-- Returns {'new' | 'late' | 'known', the id to use}
local now, new = now_ms(), ARGV[2]
require_type(KEYS[1], 'zset')
require_type(KEYS[2], 'string')
redis.call('ZREMRANGEBYSCORE', KEYS[1], SDK_DELIVERED_MS - now, now - SDK_RETRY_MS) -- rule: window
if ARGV[1] == '0' then
  local late, taker = string.match(redis.call('GET', KEYS[2]) or '', '^(%S+) ?(%S*)')
  if late and (taker == '' or taker == new) then -- rule: late
    redis.call('SET', KEYS[2], late .. ' ' .. new, 'PX', LATE_REQUEST_MS)
    return { 'late', late }
  end
else
  local waiting = redis.call('ZRANGEBYSCORE', KEYS[1], 0, '+inf', 'LIMIT', 0, 1)[1] -- rule: undelivered
  local id = waiting or redis.call('ZRANGE', KEYS[1], 0, 0)[1] -- rule: newest
  if waiting then
    redis.call('ZADD', KEYS[1], now, waiting) -- rule: asked-for
    redis.call('PEXPIRE', KEYS[1], SDK_RETRY_MS) -- rule: asked-for-ttl
  end
  if id then return { 'known', id } end -- rule: retry
  redis.call('SET', KEYS[2], new, 'PX', LATE_REQUEST_MS) -- rule: made-by-retry
end
redis.call('ZADD', KEYS[1], 'NX', now, new) -- rule: known
redis.call('PEXPIRE', KEYS[1], SDK_RETRY_MS) -- rule: ttl
return { 'new', new }
