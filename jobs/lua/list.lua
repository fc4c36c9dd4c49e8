-- Finds jobs: walks the smallest of the indexes from where the last page ended, and looks each id up in
-- the others. Bounded work: after so many ids it stops, and says where to go on.
-- KEYS[1] zset  what to walk: all jobs, or those that have ended by one of their figures
-- ARGV[1] 'high' for the highest score first | 'low'
-- ARGV[2], ARGV[3] lowest and highest score
-- ARGV[4], ARGV[5] score and id after which to begin, or ''
-- ARGV[6] how many jobs, at most
-- ARGV[7] how many ids to look at, at most
-- ARGV[8] words, their ASCII letters in lower case, that id, message, error, its details or payload must have, or ''
-- ARGV[9] statuses, separated by blanks; '' for any
-- ARGV[10...] indexes that a job must be in, all of them
-- Returns {score, id to go on after, or '' and ''; then the ids}
local source, falling, low, high = KEYS[1], ARGV[1] == 'high', tonumber(ARGV[2]), tonumber(ARGV[3])
local limit, most, words = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]
local nothing = { '', '' }
if not fits(source, 'zset') then return nothing end
local indexes, wanted = {}, {}
for status in string.gmatch(ARGV[9], '%S+') do wanted[status] = true end
for i = 10, #ARGV do
  if not fits(ARGV[i], 'zset') then return nothing end
  indexes[#indexes + 1] = ARGV[i]
  if KEYS[1] == 'jobs:all' and redis.call('ZCARD', ARGV[i]) < redis.call('ZCARD', source) then source = ARGV[i] end
end

local function place(score)
  if falling then return redis.call('ZCOUNT', source, '(' .. score, '+inf') end
  return redis.call('ZCOUNT', source, '-inf', '(' .. score)
end

-- The job of the cursor may be gone, so its place is counted, also among those of its millisecond.
local function start()
  if ARGV[4] == '' then return place(falling and ARGV[3] or ARGV[2]) end
  local rank = place(ARGV[4])
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', source, ARGV[4], ARGV[4])) do
    if id == ARGV[5] or (id > ARGV[5]) == falling then rank = rank + 1 end
  end
  return rank
end

local function has_words(id)
  if words == '' or string.find(id, words, 1, true) == 1 then return true end
  for _, text in ipairs(redis.call('HMGET', 'job:' .. id, 'message', 'error', 'error_detail', 'payload')) do
    if text and string.find(string.lower(text), words, 1, true) then return true end
  end
  return false
end

local function fits_all(id)
  local status = fits('job:' .. id, 'hash') and redis.call('HGET', 'job:' .. id, 'status')
  if not status or (ARGV[9] ~= '' and not wanted[status]) then return false end
  for _, key in ipairs(indexes) do
    if key ~= source and not redis.call('ZSCORE', key, id) then return false end
  end
  return has_words(id)
end

local at, looked, found = start(), 0, { '', '' }
while true do
  local page = redis.call(falling and 'ZREVRANGE' or 'ZRANGE', source, at, at + 99, 'WITHSCORES')
  for i = 1, #page, 2 do
    local id, score = page[i], tonumber(page[i + 1])
    if score < low or score > high then return { '', '', unpack(found, 3) } end
    if fits_all(id) then
      if #found - 2 == limit then return found end
      found[#found + 1] = id
    end
    found[1], found[2] = page[i + 1], id
    looked = looked + 1
    if looked == most then return found end
  end
  if #page < 200 then break end
  at = at + 100
end
return { '', '', unpack(found, 3) }
