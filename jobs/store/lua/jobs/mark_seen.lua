-- Stores that a person has seen the end of a job. Safe to send twice.
-- KEYS[1] hash  the job
-- ARGV[1] id
-- ARGV[2...] fields of the record, name and value in turn; none: no change
-- Returns {'ok'} | {'gone'} | {'active'}
local job, id = KEYS[1], ARGV[1]
require_job(id)
local status = redis.call('HGET', job, 'status')
if not status then return { 'gone' } end
if status == 'pending' or status == 'processing' then return { 'active' } end
if #ARGV > 1 then redis.call('HSET', job, unpack(ARGV, 2)) end
if redis.call('HSETNX', job, 'seen_ms', now_ms()) == 1 then redis.call('HINCRBY', job, 'version', 1) end
unindex(BY .. 'unseen:yes', id) -- rule: unseen
return { 'ok' }
