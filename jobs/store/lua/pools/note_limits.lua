-- Notes the limits that the headers of an answer say.
-- ARGV[1] pool
-- ARGV[2...] four for each limit: requests | tokens, its size, what is left of it, ms until it is whole again
-- Returns {}
local now = now_ms()
for i = 2, #ARGV, 4 do
  pool_headers(ARGV[1], ARGV[i], now, tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]))
end
return {}
