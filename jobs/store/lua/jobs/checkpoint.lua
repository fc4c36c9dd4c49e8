-- Stores the output of a step, once: the first writer wins. Also updates fields of the record that changed with it.
-- KEYS[1] hash  the job
-- KEYS[2] hash  its steps
-- ARGV[1] attempt
-- ARGV[2] lease holder
-- ARGV[3] name of the step
-- ARGV[4] its output as JSON
-- ARGV[5...] fields of the record, name and value in turn; may be none
-- Returns {'ok', the stored JSON} | {'lost'}
local job, steps = KEYS[1], KEYS[2]
require_type(job, 'hash')
require_type(steps, 'hash')
local values = redis.call('HMGET', job, 'status', 'attempt', 'lease_holder')
if values[1] ~= 'processing' or values[2] ~= ARGV[1] or values[3] ~= ARGV[2] then return { 'lost' } end -- rule: fence
if redis.call('HSETNX', steps, ARGV[3], ARGV[4]) == 1 and #ARGV > 4 then -- rule: first-wins
  redis.call('HSET', job, unpack(ARGV, 5))
end
return { 'ok', redis.call('HGET', steps, ARGV[3]) }
