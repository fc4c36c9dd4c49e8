-- Notes that a person has seen how a job ended. Seeing it twice is seeing it once.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- ARGV[2...] fields of the record, name and value in turn; none: as told before
-- Returns {'ok'} | {'gone'} | {'active', status}
local job, id = KEYS[1], ARGV[1]
expect_job(id)
local status = redis.call('HGET', job, 'status')
if not status then return { 'gone' } end
if status == 'pending' or status == 'processing' then return { 'active', status } end
if #ARGV > 1 then redis.call('HSET', job, unpack(ARGV, 2)) end
if redis.call('HSETNX', job, 'seen_ms', now_ms()) == 1 then redis.call('HINCRBY', job, 'version', 1) end
unindex('jobs:by:unseen:yes', id)
return { 'ok' }
