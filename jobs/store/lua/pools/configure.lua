-- Sets the limits of a pool that the providers file says.
-- ARGV[1] pool
-- ARGV[2] requests a minute; '' for none
-- ARGV[3] tokens a minute; '' for none
-- ARGV[4] calls at once; '' for none
-- Returns {}
local now = now_ms()
local pool = pool_of(ARGV[1], now)
if not pool.is_usable then return {} end
for field, value in pairs({ file_requests = ARGV[2], file_tokens = ARGV[3], file_concurrency = ARGV[4] }) do
  set_field(pool, field, value ~= '' and value or nil) -- rule: removed
end
store_pool(pool, now)
return {}
