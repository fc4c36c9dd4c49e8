-- Stores a browser session. Ends the oldest ones of the same owner above the maximum, and their event streams.
-- KEYS[1] string the session
-- KEYS[2] zset   the sessions of its owner, by their end
-- KEYS[3] stream changed credentials
-- ARGV[1] id of the session
-- ARGV[2] the session as JSON
-- ARGV[3] ms for which it lives
-- ARGV[4] maximum number of sessions of the owner
-- Returns {'ok'} | {'full'} when older sessions have ended for it
require_type(KEYS[1], 'string')
require_type(KEYS[2], 'zset')
require_type(KEYS[3], 'stream')
local now = now_ms()
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local too_many = redis.call('ZCARD', KEYS[2]) - ARGV[4]
local ended = too_many > 0 and redis.call('ZRANGE', KEYS[2], 0, too_many - 1) or {} -- rule: cap
for _, oldest in ipairs(ended) do
  redis.call('DEL', SESSION .. oldest)
  redis.call('ZREM', KEYS[2], oldest)
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', MAX_KEY_CHANGES, '*', 'id', oldest)
end
return { #ended > 0 and 'full' or 'ok' }
