-- Prepended to every script, second: the indexes by which jobs are found.
-- They are `jobs:all` and `jobs:by:{field}:{value}`, scored by the time of creation; what has ended is in
-- `jobs:ended`, by the time of expiry, `jobs:cost` and `jobs:lasted`. `jobs:indexed` remembers in which ones
-- a job is, so that it can be taken out when its record has expired. A damaged index is passed over: no
-- job must fail for it.
local STATUSES = { 'pending', 'processing', 'completed', 'failed', 'cancelled', 'skipped' }

local function index(key, score, id)
  if fits(key, 'zset') then redis.call('ZADD', key, score, id) end
end

local function unindex(key, id)
  if fits(key, 'zset') then redis.call('ZREM', key, id) end
end

local function index_names(id)
  return fits('jobs:indexed', 'hash') and redis.call('HGET', 'jobs:indexed', id) or ''
end

local function index_created(id, created, names)
  if fits('jobs:indexed', 'hash') then redis.call('HSET', 'jobs:indexed', id, names) end
  index('jobs:all', created, id)
  for name in string.gmatch(names, '%S+') do index('jobs:by:' .. name, created, id) end
end

local function move_status(id, before, after, created)
  if before then unindex('jobs:by:status:' .. before, id) end
  index('jobs:by:status:' .. after, created, id)
  if after == 'pending' or after == 'processing' then
    index('jobs:by:active:yes', created, id)
  else
    unindex('jobs:by:active:yes', id)
  end
end

-- Under way again, or gone.
local function unindex_end(id)
  for _, key in ipairs({ 'jobs:ended', 'jobs:cost', 'jobs:lasted', 'jobs:by:unseen:yes' }) do unindex(key, id) end
end

-- Out of all indexes, because its record is gone.
local function forget(id)
  for name in string.gmatch(index_names(id), '%S+') do unindex('jobs:by:' .. name, id) end
  for _, status in ipairs(STATUSES) do unindex('jobs:by:status:' .. status, id) end
  unindex('jobs:by:active:yes', id)
  unindex('jobs:all', id)
  unindex_end(id)
  if fits('jobs:indexed', 'hash') then redis.call('HDEL', 'jobs:indexed', id) end
end

