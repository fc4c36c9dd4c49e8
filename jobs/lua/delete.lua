-- Erases a finished job with all it holds; the rows of the call ledger stay until their time, and
-- its idempotency key stays as a tombstone, so that a late retry buys nothing.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- Returns {'ok'} | {'gone'} | {'active', status}
local job, id = KEYS[1], ARGV[1]
expect_job(id)
local seen = redis.call('HMGET', job, 'status', 'idempotency_slot')
if not seen[1] then return { 'gone' } end
if seen[1] == 'pending' or seen[1] == 'processing' then return { 'active', seen[1] } end
local keys = job_keys(id)
local calls = redis.call('SMEMBERS', keys.calls)
for _, call_id in ipairs(calls) do expect('call:' .. call_id, 'hash') end
for _, call_id in ipairs(calls) do redis.call('HDEL', 'call:' .. call_id, 'text') end
forget(id)
redis.call('DEL', keys.job, keys.updates, keys.steps, keys.calls)
if seen[2] then redis.call('SET', seen[2], id .. ' deleted', 'PX', RETENTION_MS) end
return { 'ok' }
