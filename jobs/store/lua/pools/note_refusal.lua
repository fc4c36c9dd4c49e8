-- Notes that a request was refused: closes the pool for all, and learns its limits.
-- ARGV[1] pool
-- ARGV[2] phase of jobs that wait for it: rate_limited | waiting_provider
-- ARGV[3] what the provider counts, where it says so: requests | tokens
-- ARGV[4] ms since the request left
-- ARGV[5] ms that the provider asks to wait; 0 when it does not say
-- ARGV[6] number of requests of the caller that are not answered yet, this one included
-- Returns {ms until the pool opens}
local now = now_ms()
local pool, left_ms, asked_ms = ARGV[1], now - ARGV[4], tonumber(ARGV[5])
if ARGV[2] == 'rate_limited' then -- rule: limit
  pool_refused(pool, ARGV[3], now, left_ms, asked_ms, pool_running(pool, now) - ARGV[6]) -- rule: served
else
  pool_unavailable(pool, now, left_ms, asked_ms)
end
return { (pool_wait(pool, 0, now)) }
