-- Lists jobs: walks the smallest index from the cursor (of a list by a score its intersection with that index), and
-- looks each id up in the others. A run stops at its maximum of ids or bytes, so that Redis serves others before the next.
-- KEYS[1] zset  the list to walk: all jobs, or ended ones by a score
-- ARGV[1] 'high' for descending order | 'low'
-- ARGV[2], ARGV[3], ARGV[4], ARGV[5] lowest and highest score; score and id of the cursor, or ''
-- ARGV[6], ARGV[7], ARGV[8] maximum number of jobs; of ids that this run looks at; of bytes of text after which it stops
-- ARGV[9] size of the largest index that is intersected
-- ARGV[10] search text with ASCII letters in lower case, for id, message, error, error_detail and payload; or ''
-- ARGV[11], ARGV[12] statuses, separated by blanks; a priority; '' for any
-- ARGV[13...] indexes that must all have the job
-- Returns {score and id of the next cursor, or '' and ''; ids looked at if another run must follow, or 0; then the ids}
local source, descending, low, high = KEYS[1], ARGV[1] == 'high', tonumber(ARGV[2]), tonumber(ARGV[3])
local limit, max_scanned, max_bytes, text_query = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[10]
local first = ARGV[4] ~= '' and ARGV[4] or descending and ARGV[3] or ARGV[2]
if not has_type(source, 'zset') then return { '', '', 0 } end
local indexes, statuses, smallest, text_bytes, joined = {}, {}, source, 0, nil
for status in string.gmatch(ARGV[11], '%S+') do statuses[status] = true end
for i = 13, #ARGV do
  if not has_type(ARGV[i], 'zset') then return { '', '', 0 } end
  indexes[#indexes + 1] = ARGV[i]
  if redis.call('ZCARD', ARGV[i]) < redis.call('ZCARD', smallest) then smallest = ARGV[i] end
end
if source == ALL then
  source = smallest
elseif smallest ~= source and redis.call('ZCARD', smallest) <= tonumber(ARGV[9]) then
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
  local is_stored = not joined and redis.call('ZSCORE', source, ARGV[5]) == ARGV[4]
  if is_stored then return redis.call(descending and 'ZREVRANK' or 'ZRANK', source, ARGV[5]) + 1 end
  if not joined then
    rank = redis.call('ZCOUNT', source, unpack(descending and { '(' .. first, '+inf' } or { '-inf', '(' .. first })) -- rule: cursor
    rows = ARGV[4] ~= '' and redis.call('ZRANGEBYSCORE', source, first, first, 'WITHSCORES') or {}
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
    text_bytes = text_bytes + #(text or '') -- rule: bytes
    if text and string.find(string.lower(text), text_query, 1, true) then return true end
  end
  return false
end

local function matches(id)
  local values = has_type(JOB .. id, 'hash') and redis.call('HMGET', JOB .. id, 'status', 'priority') or {}
  if not values[1] or (ARGV[11] ~= '' and not statuses[values[1]]) then return false end -- rule: status
  for _, key in ipairs(indexes) do
    if key ~= source and not redis.call('ZSCORE', key, id) then return false end -- rule: filters
  end
  return (ARGV[12] == '' or ARGV[12] == (values[2] or 'normal')) and matches_text(id) -- rule: priority
end

local at, scanned, page_ids, page = start(), 0, { ARGV[4], ARGV[5], 0 }, nil
repeat
  page, at = page_at(at), at + 100
  for i = 1, #page, 2 do
    local id, score = page[i], tonumber(page[i + 1])
    if score < low or score > high then return { '', '', 0, unpack(page_ids, 4) } end
    if matches(id) then
      if #page_ids - 3 == limit then return page_ids end
      page_ids[#page_ids + 1] = id
    end
    page_ids[1], page_ids[2], scanned = page[i + 1], id, scanned + 1
    if scanned == max_scanned or text_bytes >= max_bytes then return { page[i + 1], id, scanned, unpack(page_ids, 4) } end
  end
until #page < 200
return { '', '', 0, unpack(page_ids, 4) }
