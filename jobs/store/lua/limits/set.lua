-- Sets or removes limits of a pool or an owner. Its name stays listed while it has any field.
-- KEYS[1] hash the limits
-- KEYS[2] set  names of all that have limits
-- ARGV[1] name
-- ARGV[2...] field and value in turn; an empty value removes the field
-- Returns {'ok'}
require_type(KEYS[1], 'hash')
require_type(KEYS[2], 'set')
redis.call('PERSIST', KEYS[1]) -- rule: kept
for i = 2, #ARGV, 2 do
  local field, value = unpack(ARGV, i, i + 1)
  if value == '' then redis.call('HDEL', KEYS[1], field) else redis.call('HSET', KEYS[1], field, value) end -- rule: no-limit
end
local is_listed = redis.call('EXISTS', KEYS[1]) == 1 -- rule: still-limited
redis.call(is_listed and 'SADD' or 'SREM', KEYS[2], ARGV[1])
return { 'ok' }
