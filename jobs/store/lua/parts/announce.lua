-- Notes that a worker or a lore_service lives, and which job types it has.
-- KEYS[1] zset    the parts
-- KEYS[2] string  the job types of the part, shared by all that have the same
-- ARGV[1] the part: its kind, name and fingerprint of job types, separated by a bar
-- ARGV[2] ms until it counts as gone, unless it says so again
-- ARGV[3] its job types as JSON
-- Returns 'ok'
require_type(KEYS[1], 'zset')
require_type(KEYS[2], 'string')
local now = now_ms()
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now) -- rule: dead-parts
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('SET', KEYS[2], ARGV[3], 'PX', DAY_MS)
return 'ok'
