-- Tells watchers what the calls of a worker's jobs bring: pieces of text, finished entities, steps. The
-- same news sent twice is told once: each has a number, and the job remembers the last.
-- ARGV[1] owner
-- ARGV[2...] seven for each piece of news: job id, attempt, number, type (delta | item | step | usage),
--   step, place (of a piece in the text, of an entity in the list; entities that a step will bring), content
-- Returns for each 'ok' | 'told' | 'lost', in order
-- Updates: of the type of each piece of news
local now = now_ms()
local answers = {}
expect_indexes()
for i = 2, #ARGV, 7 do
  local id, attempt, number, kind, step, place, content = unpack(ARGV, i, i + 6)
  local job = 'job:' .. id
  local sound = fits(job, 'hash') and fits(job_keys(id).updates, 'stream')
  local seen = sound and redis.call('HMGET', job, 'status', 'attempt', 'owner', 'told') or {}
  if seen[1] ~= 'processing' or seen[2] ~= attempt or seen[3] ~= ARGV[1] then
    answers[#answers + 1] = 'lost'
  elseif tonumber(string.match(seen[4] or '', '^' .. attempt .. ' (%d+)') or 0) >= tonumber(number) then
    answers[#answers + 1] = 'told'
  else
    local fields = { 'told', attempt .. ' ' .. number }
    if kind == 'step' then fields = { 'step', step, unpack(fields) } end
    if kind == 'step' and content == 'started' then fields = { 'items_done', 0, 'items_expected', place, unpack(fields) } end
    if kind == 'item' then fields = { 'items_done', place + 1, unpack(fields) } end
    note(id, now, kind, fields, { 'step', step, 'place', place, 'content', content })
    answers[#answers + 1] = 'ok'
  end
end
return answers
