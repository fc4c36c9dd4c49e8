-- Deletes an ended job. Its ledger rows live until their TTL, without text; its idempotency key becomes a tombstone.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- Returns {'ok'} | {'gone'} | {'active'}
local job, id = KEYS[1], ARGV[1]
require_job(id)
local values = redis.call('HMGET', job, 'status', 'idempotency_slot')
if not values[1] then return { 'gone' } end
if values[1] == 'pending' or values[1] == 'processing' then return { 'active' } end -- rule: active
for _, call_id in ipairs(redis.call('SMEMBERS', job_keys(id).calls)) do require_type(CALL .. call_id, 'hash') end
remove_job(id)
if values[2] then redis.call('SET', values[2], id .. ' deleted', 'PX', BILL_MS) end -- rule: tombstone
return { 'ok' }
