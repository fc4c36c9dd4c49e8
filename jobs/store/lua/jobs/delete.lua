-- Deletes an ended job. Its ledger rows live until their TTL, without text; its idempotency key becomes a tombstone.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- Returns {'ok'} | {'gone'} | {'active', status}
local job, id = KEYS[1], ARGV[1]
require_job(id)
local values = redis.call('HMGET', job, 'status', 'idempotency_slot')
if not values[1] then return { 'gone' } end
if values[1] == 'pending' or values[1] == 'processing' then return { 'active', values[1] } end -- rule: active
local keys = job_keys(id)
local calls = redis.call('SMEMBERS', keys.calls)
for _, call_id in ipairs(calls) do require_type(CALL .. call_id, 'hash') end
for _, call_id in ipairs(calls) do redis.call('HDEL', CALL .. call_id, 'text') end -- rule: text
unindex_job(id)
redis.call('DEL', keys.job, keys.updates, keys.steps, keys.calls)
if values[2] then redis.call('SET', values[2], id .. ' deleted', 'PX', RETENTION_MS) end -- rule: tombstone
return { 'ok' }
