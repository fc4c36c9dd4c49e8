-- Creates a job, or returns the one that its idempotency key created. Safe to send twice. Reserves the maximum price
-- in every budget that applies; when a hard one has no room, writes nothing. The job waits at the gate, which admits the
-- next ones, this job first where nothing else waits.
-- KEYS[1] hash    the job
-- KEYS[2] string  the idempotency slot; the job's own key when there is none
-- ARGV[1] id
-- ARGV[2] fingerprint of the request
-- ARGV[3] ms until an admitted job is due for the reconciler
-- ARGV[4] start deadline in ms
-- ARGV[5] names of its indexes, separated by blanks
-- ARGV[6] names of the budgets that may apply, separated by blanks
-- ARGV[7] maximum cost in micro-dollars
-- ARGV[8] maximum number of unfinished jobs
-- ARGV[9] the same of its user
-- ARGV[10...] fields of the record, name and value in turn
-- Returns {'created', id, the fields that the script added, name and value in turn, id and attempt in turn of the jobs that
--   were admitted and are to be enqueued} | {'existing', id, the whole
--   record likewise} | {'mismatch', id, the whole record where the id itself was taken} | {'deleted', id}
--   | {'full', whose limit it is: all or user, the limit}
--   | {'refused', budget, exceeded term, limit, spent, reserved, cap or '', ms when its window ends or 0}
-- Updates: created
local job, slot, id, fingerprint = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
require_job(id)

-- An older version stored the fingerprint with twice the digits.
local function is_equal(stored) return string.sub(stored or '', 1, FINGERPRINT_LENGTH) == fingerprint end

local function existing(existing_id, is_same)
  if not is_same then return { 'mismatch', existing_id } end
  require_type(JOB .. existing_id, 'hash')
  return { 'existing', existing_id, redis.call('HGETALL', JOB .. existing_id) }
end
if slot ~= job then
  require_type(slot, 'string')
  local stored_slot = redis.call('GET', slot)
  if stored_slot then -- rule: key
    local slot_id, slot_fingerprint = string.match(stored_slot, '^(%S+) (%S+)')
    if slot_fingerprint == 'deleted' then return { 'deleted', slot_id } end -- rule: deleted
    return existing(slot_id, is_equal(slot_fingerprint)) -- rule: fingerprint
  end
end
if redis.call('EXISTS', job) == 1 then -- rule: exists
  return { is_equal(redis.call('HGET', job, 'fingerprint')) and 'existing' or 'mismatch', id, redis.call('HGETALL', job) }
end
local full = queue_full(ARGV[5], ARGV[8], ARGV[9])
if full then return full end -- rule: full
local now = now_ms()
local values = { status = 'pending', lease_holder = '', attempt = 1, created_ms = now, start_by_ms = now + ARGV[4] }
for i = 10, #ARGV, 2 do values[ARGV[i]] = ARGV[i + 1] end
local place = place_with(id, values)
require_place(place)
local spends, refused = admit(ARGV[6], tonumber(ARGV[7]), now)
if refused then return refused end -- rule: refused
local added = { 'id', id, 'status', 'pending', 'phase', 'queued', 'progress', 0, 'progress_source', 'simulated',
  'attempt', 1, 'generation', 0, 'lease_holder', '', 'fingerprint', fingerprint, 'created_ms', now, 'epoch', next_epoch(), 'start_by_ms', now + ARGV[4] } -- rule: start-deadline
local function add_field(name, value)
  added[#added + 1] = name
  added[#added + 1] = value
end
if slot ~= job then
  redis.call('SET', slot, id .. ' ' .. fingerprint)
  add_field('idempotency_slot', slot)
end
if spends ~= '' then add_field('reserved_micros', ARGV[7]) end
local fields = { unpack(added) }
for i = 10, #ARGV do fields[#fields + 1] = ARGV[i] end
reserve(id, tonumber(ARGV[7]), spends) -- rule: reserved
add_field('version', record_event(id, now, 'created', fields))
index_created(id, now, ARGV[5]) -- rule: indexes
return { 'created', id, added, gate_enter(place, now, now + ARGV[3]) } -- rule: deadline
