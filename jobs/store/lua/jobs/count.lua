-- Counts the jobs of each status that are in all given indexes.
-- ARGV[1...] index keys; none: all jobs
-- Returns a flat list of two for each status: status, number of jobs
local function number_in(name)
  local keys = { BY .. name, unpack(ARGV, 1) }
  for _, key in ipairs(keys) do
    if not has_type(key, 'zset') then return 0 end
  end
  return #keys == 1 and redis.call('ZCARD', keys[1]) or redis.call('ZINTERCARD', #keys, unpack(keys))
end

local counts = {}
for _, status in ipairs(STATUSES) do
  counts[#counts + 1] = status
  counts[#counts + 1] = status == 'pending' and number_in('active:yes') - number_in('status:processing') or number_in('status:' .. status) -- rule: pending
end
return counts
