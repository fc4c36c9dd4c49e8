-- Counts a request of an API key in its minute. Counts every call: a request sent twice is two.
-- KEYS[1] string the requests of the minute
-- Returns the requests of the minute so far
require_type(KEYS[1], 'string')
local requests = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], 120000)
return requests
