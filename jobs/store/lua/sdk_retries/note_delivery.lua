-- Notes that the answer of a job was written to its client completely. Of the delivered jobs the newest stays.
-- KEYS[1] zset  the jobs of a request, as for `sdk_retries/choose`
-- ARGV[1] job id
-- Returns {'ok'} | {'known'} of a job that is not waiting for it
require_type(KEYS[1], 'zset')
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(score) < 0 then return { 'known' } end -- rule: delivered-once
redis.call('ZADD', KEYS[1], -score, ARGV[1]) -- rule: delivered
local newest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. newest, '(0') -- rule: one-delivered
return { 'ok' }
