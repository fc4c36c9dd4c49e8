-- Part 2 of every script: the indexes of jobs.
-- `jobs:all` and `jobs:by:{field}:{value}` are scored by creation time; ended jobs are in `jobs:ended` by their end,
-- `jobs:expiry`, `jobs:cost` and `jobs:duration`. Pending jobs are those of `active:yes` that do not run. `jobs:indexed` stores
-- the index names of an ended job, whose record may expire, and of one with tags. Damaged indexes are skipped.
local STATUSES = { 'pending', 'processing', 'completed', 'failed', 'cancelled', 'skipped' }

local function index(key, score, id)
  if has_type(key, 'zset') then redis.call('ZADD', key, score, id) end
end

local function unindex(key, id)
  if has_type(key, 'zset') then redis.call('ZREM', key, id) end
end

-- Returns the index names that follow from the record of a job, separated by blanks: all but those of its tags.
local function recorded_names(id)
  local names, values = {}, has_type(JOB .. id, 'hash') and redis.call('HMGET', JOB .. id, 'related_type', 'related_id', unpack(INDEX_FIELDS)) or {}
  for i, field in ipairs(INDEX_FIELDS) do
    if (values[i + 2] or '') ~= '' then names[#names + 1] = field .. ':' .. quoted(values[i + 2]) end -- rule: recorded-names
  end
  if values[1] and values[2] then names[#names + 1] = 'related:' .. quoted(values[1] .. '/' .. values[2]) end -- rule: recorded-related
  return table.concat(names, ' ')
end

local function index_names(id)
  return has_type(INDEXED, 'hash') and redis.call('HGET', INDEXED, id) or recorded_names(id)
end

local function store_names(id, names)
  if has_type(INDEXED, 'hash') then redis.call('HSET', INDEXED, id, names) end
end

-- The index of the unfinished jobs of a user, from the index names of a job; nothing without a user.
local function active_of_user(names)
  local name = string.match(' ' .. names, ' (user_id:%S+)')
  return name and BY .. 'active_' .. name
end

local function index_created(id, created, names)
  if names ~= recorded_names(id) then store_names(id, names) end -- rule: unrecorded-names
  index(ALL, created, id)
  for name in string.gmatch(names, '%S+') do index(BY .. name, created, id) end
end

local function move_status(id, before, after, created)
  if before then unindex(BY .. 'status:' .. before, id) end -- rule: status-moves
  if after ~= 'pending' then index(BY .. 'status:' .. after, created, id) end -- rule: pending-unindexed
  local user_key = active_of_user(index_names(id))
  if after == 'pending' or after == 'processing' then
    index(BY .. 'active:yes', created, id)
    if user_key then index(user_key, created, id) end -- rule: active-again
  else
    unindex(BY .. 'active:yes', id) -- rule: active-ends
    if user_key then unindex(user_key, id) end -- rule: active-of-user-ends
  end
end

-- Whether one more unfinished job exceeds a limit. Returns {'full', 'all' or 'user', limit}, or nothing.
local function queue_full(names, limit, user_limit)
  if redis.call('ZCARD', DEADLINES) >= tonumber(limit) then return { 'full', 'all', limit } end -- rule: queue-limit
  local user_key = active_of_user(names)
  local is_counted = user_key and has_type(user_key, 'zset')
  if is_counted and redis.call('ZCARD', user_key) >= tonumber(user_limit) then return { 'full', 'user', user_limit } end -- rule: user-limit
end

-- For a job that runs again or is gone.
local function unindex_end(id)
  for _, key in ipairs({ ENDED, EXPIRY, CONTENT, COST, DURATION, BY .. 'unseen:yes' }) do unindex(key, id) end
end

-- Removes a job whose record is gone from all indexes.
local function unindex_job(id)
  local names = index_names(id)
  for name in string.gmatch(names, '%S+') do unindex(BY .. name, id) end
  local user_key = active_of_user(names)
  if user_key then unindex(user_key, id) end -- rule: active-of-user-gone
  for _, status in ipairs(STATUSES) do unindex(BY .. 'status:' .. status, id) end
  unindex(BY .. 'active:yes', id)
  unindex(ALL, id)
  unindex_end(id)
  if has_type(INDEXED, 'hash') then redis.call('HDEL', INDEXED, id) end
end

