-- Creates a job, or says which job the idempotency key made before. Safe to send twice: a job
-- that exists is answered, never overwritten. Its highest price is reserved in every budget of its
-- scopes in the same breath; where a hard one has no room, nothing is written.
-- KEYS[1] hash    the job
-- KEYS[2] string  the idempotency slot; the job's own key when there is none
-- ARGV[1] id
-- ARGV[2] fingerprint of the request
-- ARGV[3] ms until somebody looks whether it was rung for
-- ARGV[4] ms until it must have started
-- ARGV[5] names of the indexes to find it by, separated by blanks
-- ARGV[6] names of the budgets that may apply, separated by blanks
-- ARGV[7] what it may cost at most, in micro-dollars
-- ARGV[8...] fields of the record, name and value in turn
-- Returns {'created', id, the fields of the record that were not given, name and value in turn} | {'existing', id, the whole
--   record likewise} | {'mismatch', id} | {'deleted', id}
--   | {'refused', budget, which of its terms, limit, spent, reserved, cap or '', ms when its window ends or 0}
-- Updates: created
local job, slot, id, fingerprint = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
expect_job(id)
local function known(known_id, same)
  if not same then return { 'mismatch', known_id } end
  expect('job:' .. known_id, 'hash')
  return { 'existing', known_id, redis.call('HGETALL', 'job:' .. known_id) }
end
if slot ~= job then
  expect(slot, 'string')
  local held = redis.call('GET', slot)
  if held then
    local held_id, held_print = string.match(held, '^(%S+) (%S+)')
    if held_print == 'deleted' then return { 'deleted', held_id } end
    return known(held_id, held_print == fingerprint)
  end
end
if redis.call('EXISTS', job) == 1 then return known(id, redis.call('HGET', job, 'fingerprint') == fingerprint) end
local now = now_ms()
local spends, refused = admit(ARGV[6], tonumber(ARGV[7]), now)
if refused then return refused end
local own = { 'id', id, 'status', 'pending', 'phase', 'queued', 'progress', 0, 'progress_source', 'simulated',
  'attempt', 1, 'generation', 0, 'lost', 0, 'retries', 0, 'owner', '', 'lease_ms', 0, 'fingerprint', fingerprint,
  'created_ms', now, 'start_by_ms', now + ARGV[4] }
local function also(name, value)
  own[#own + 1] = name
  own[#own + 1] = value
end
if slot ~= job then
  redis.call('SET', slot, id .. ' ' .. fingerprint)
  also('idempotency_slot', slot)
end
if spends ~= '' then also('reserved_micros', ARGV[7]) end
local fields = { unpack(own) }
for i = 8, #ARGV do fields[#fields + 1] = ARGV[i] end
hold(id, tonumber(ARGV[7]), spends)
also('version', note(id, now, 'created', fields))
also('updated_ms', now)
index_created(id, now, ARGV[5])
redis.call('ZADD', 'due', now + ARGV[3], id)
return { 'created', id, own }
