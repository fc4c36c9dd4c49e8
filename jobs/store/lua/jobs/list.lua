-- Lists jobs: walks the smallest index from the cursor (of a list by a score its intersection with that index), and
-- looks each id up in the others. Stops after a maximum of scanned ids and returns where to continue.
-- KEYS[1] zset  the list to walk: all jobs, or ended ones by a score
-- ARGV[1] 'high' for descending order | 'low'
-- ARGV[2], ARGV[3] lowest and highest score
-- ARGV[4], ARGV[5] score and id of the cursor, or ''
-- ARGV[6] maximum number of jobs
-- ARGV[7] maximum number of scanned ids
-- ARGV[8] search text with ASCII letters in lower case, for id, message, error, error_detail and payload; or ''
-- ARGV[9] statuses, separated by blanks; '' for any
-- ARGV[10...] indexes that must all have the job
-- Returns {score and id of the next cursor, or '' and ''; then the ids}
local source, descending, low, high = KEYS[1], ARGV[1] == 'high', tonumber(ARGV[2]), tonumber(ARGV[3])
local limit, max_scanned, text_query = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]
local first = ARGV[4] ~= '' and ARGV[4] or descending and ARGV[3] or ARGV[2]
if not has_type(source, 'zset') then return { '', '' } end
local indexes, statuses, smallest, joined = {}, {}, source, nil
for status in string.gmatch(ARGV[9], '%S+') do statuses[status] = true end
for i = 10, #ARGV do
  if not has_type(ARGV[i], 'zset') then return { '', '' } end
  indexes[#indexes + 1] = ARGV[i]
  if redis.call('ZCARD', ARGV[i]) < redis.call('ZCARD', smallest) then smallest = ARGV[i] end
end
if source == ALL then
  source = smallest
elseif smallest ~= source and redis.call('ZCARD', smallest) <= max_scanned then
  joined = redis.call('ZINTER', 2, source, smallest, 'WEIGHTS', 1, 0, 'WITHSCORES') -- rule: joined
end

-- Returns whether a job comes before the page: beyond the first score, or not after the cursor.
local function is_before(id, score)
  if score ~= tonumber(first) then return (score > tonumber(first)) == descending end
  return ARGV[4] ~= '' and (id == ARGV[5] or (id > ARGV[5]) == descending) -- rule: same-score
end

-- Counts the jobs before the page; that of the cursor may be gone.
local function start()
  local rank, rows = 0, joined
  if not joined then
    rank = redis.call('ZCOUNT', source, unpack(descending and { '(' .. first, '+inf' } or { '-inf', '(' .. first })) -- rule: cursor
    rows = redis.call('ZRANGEBYSCORE', source, first, first, 'WITHSCORES')
  end
  for i = 1, #rows, 2 do rank = rank + (is_before(rows[i], tonumber(rows[i + 1])) and 1 or 0) end
  return rank
end

local function page_at(rank)
  if not joined then return redis.call(descending and 'ZREVRANGE' or 'ZRANGE', source, rank, rank + 99, 'WITHSCORES') end
  local page = {}
  for i = rank, math.min(rank + 100, #joined / 2) - 1 do
    local at = descending and #joined - 2 * i - 1 or 2 * i + 1 -- rule: order
    page[#page + 1], page[#page + 2] = joined[at], joined[at + 1]
  end
  return page
end

local function matches_text(id)
  if text_query == '' or string.find(id, text_query, 1, true) == 1 then return true end
  for _, text in ipairs(redis.call('HMGET', JOB .. id, 'message', 'error', 'error_detail', 'payload')) do
    if text and string.find(string.lower(text), text_query, 1, true) then return true end
  end
  return false
end

local function matches(id)
  local status = has_type(JOB .. id, 'hash') and redis.call('HGET', JOB .. id, 'status')
  if not status or (ARGV[9] ~= '' and not statuses[status]) then return false end -- rule: status
  for _, key in ipairs(indexes) do
    if key ~= source and not redis.call('ZSCORE', key, id) then return false end -- rule: filters
  end
  return matches_text(id)
end

local at, scanned, page_ids, page = start(), 0, { '', '' }, nil
repeat
  page = page_at(at)
  for i = 1, #page, 2 do
    local id, score = page[i], tonumber(page[i + 1])
    if score < low or score > high then return { '', '', unpack(page_ids, 3) } end
    if matches(id) then
      if #page_ids - 2 == limit then return page_ids end
      page_ids[#page_ids + 1] = id
    end
    page_ids[1], page_ids[2] = page[i + 1], id
    scanned = scanned + 1
    if scanned == max_scanned then return page_ids end
  end
  at = at + 100
until #page < 200
return { '', '', unpack(page_ids, 3) }
