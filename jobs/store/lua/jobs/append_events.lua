-- Appends what the model calls of a worker's jobs produce to the streams: text, items, steps, usage. An
-- event sent twice is appended once: events are numbered, and the job stores the last number.
-- ARGV[1] lease holder
-- ARGV[2...] seven for each event: job id, attempt, number, type (delta | item | step | usage), step, a
--   number and a value; FIELDS names the last two in the streams, by type
-- Returns for each 'ok' | 'duplicate' | 'lost', in order
-- Updates: of the type of each event
local FIELDS = {
  delta = { number = 'offset', value = 'text' },
  item = { number = 'index', value = 'item' },
  step = { number = 'items_expected', value = 'state' },
  usage = { value = 'usage' },
}
local now = now_ms()
local answers = {}
require_indexes()
for i = 2, #ARGV, 7 do
  local id, attempt, number, kind, step, count, value = unpack(ARGV, i, i + 6)
  local job = JOB .. id
  local is_valid = has_type(job, 'hash') and has_type(job_keys(id).updates, 'stream')
  local values = is_valid and redis.call('HMGET', job, 'status', 'attempt', 'lease_holder', 'last_event') or {}
  if values[1] ~= 'processing' or values[2] ~= attempt or values[3] ~= ARGV[1] then
    answers[#answers + 1] = 'lost'
  elseif tonumber(string.match(values[4] or '', '^' .. attempt .. ' (%d+)') or 0) >= tonumber(number) then -- rule: repeated
    answers[#answers + 1] = 'duplicate'
  else
    local fields = { 'last_event', attempt .. ' ' .. number }
    if kind == 'step' then fields = { 'step', step, unpack(fields) } end
    if kind == 'step' and value == 'started' then fields = { 'items_done', 0, 'items_expected', count, unpack(fields) } end
    if kind == 'item' then fields = { 'items_done', count + 1, unpack(fields) } end -- rule: items
    local own = { 'step', step, FIELDS[kind].value, value }
    if FIELDS[kind].number then own = { FIELDS[kind].number, count, unpack(own) } end
    record_event(id, now, kind, fields, own)
    answers[#answers + 1] = 'ok'
  end
end
return answers
