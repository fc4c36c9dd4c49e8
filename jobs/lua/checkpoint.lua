-- Stores the output of a step, once: the first writer wins, and a retry finds it. Beside it go the
-- fields of the record that grow with each step, such as its usage.
-- KEYS[1] hash  the job
-- KEYS[2] hash  its steps
-- ARGV[1] attempt
-- ARGV[2] owner
-- ARGV[3] name of the step
-- ARGV[4] its output as JSON
-- ARGV[5...] fields of the record, name and value in turn; none is fine
-- Returns {'ok', the stored JSON} | {'lost'}
local job, steps = KEYS[1], KEYS[2]
expect(job, 'hash')
expect(steps, 'hash')
local seen = redis.call('HMGET', job, 'status', 'attempt', 'owner')
if seen[1] ~= 'processing' or seen[2] ~= ARGV[1] or seen[3] ~= ARGV[2] then return { 'lost' } end
if redis.call('HSETNX', steps, ARGV[3], ARGV[4]) == 1 and #ARGV > 4 then
  redis.call('HSET', job, unpack(ARGV, 5))
end
return { 'ok', redis.call('HGET', steps, ARGV[3]) }
