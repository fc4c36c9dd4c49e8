-- Deletes the cached responses that the jobs of a user have made, also those that their team shares. Looks at one page.
-- KEYS[1] zset  all cached responses, by the ms of their expiry
-- ARGV[1] user id
-- ARGV[2] rank of the first cached response to look at
-- ARGV[3] number of cached responses to look at
-- Returns {number of deleted responses, number of those looked at}
require_type(KEYS[1], 'zset')
local deleted, page = 0, redis.call('ZRANGE', KEYS[1], ARGV[2], ARGV[2] + ARGV[3] - 1)
for _, request in ipairs(page) do
  local key = RESPONSE .. request
  local is_own = string.match(request, '^user:(.*):[^:]*$') == ARGV[1]
  if is_own or (has_type(key, 'hash') and redis.call('HGET', key, 'user_id') == ARGV[1]) then -- rule: own
    redis.call('DEL', key)
    redis.call('ZREM', KEYS[1], request)
    deleted = deleted + 1
  end
end
return { deleted, #page }
