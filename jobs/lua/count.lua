-- How many jobs of each status are in all of some indexes.
-- ARGV[1...] the indexes; none: all jobs
-- Returns a flat list of two for each status: status, how many
local counts = {}
for _, status in ipairs(STATUSES) do
  local keys = { 'jobs:by:status:' .. status, unpack(ARGV, 1) }
  local sound = true
  for _, key in ipairs(keys) do sound = sound and fits(key, 'zset') end
  counts[#counts + 1] = status
  counts[#counts + 1] = sound and redis.call('ZINTERCARD', #keys, unpack(keys)) or 0
end
return counts
