-- Notes that the answer of a job was written to its client completely. Of the delivered jobs the last one stays.
-- KEYS[1] zset  the jobs of a request, as for `sdk_retries/choose`
-- ARGV[1] job id
-- Returns {'ok'} | {'unknown'} of a job that is not remembered any more
require_type(KEYS[1], 'zset')
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return { 'unknown' } end -- rule: remembered
redis.call('ZADD', KEYS[1], -now_ms(), ARGV[1]) -- rule: delivered
local newest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. newest, '(0') -- rule: one-delivered
if redis.call('ZCOUNT', KEYS[1], 0, '+inf') == 0 then redis.call('PEXPIRE', KEYS[1], SDK_DELIVERED_MS) end -- rule: delivered-ttl
return { 'ok' }
