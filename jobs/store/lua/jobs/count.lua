-- Counts the jobs of each status that are in all given indexes.
-- ARGV[1...] index keys; none: all jobs
-- Returns a flat list of two for each status: status, number of jobs
local counts = {}
for _, status in ipairs(STATUSES) do
  local keys = { BY .. 'status:' .. status, unpack(ARGV, 1) }
  local sound = true
  for _, key in ipairs(keys) do sound = sound and has_type(key, 'zset') end
  counts[#counts + 1] = status
  counts[#counts + 1] = sound and redis.call('ZINTERCARD', #keys, unpack(keys)) or 0
end
return counts
