-- Admits jobs for a worker with free slots, or shows that it has none.
-- KEYS[1] hash  free slots by worker
-- ARGV[1] worker
-- ARGV[2] its free slots
-- ARGV[3] maximum number of jobs
-- ARGV[4] ms until an admitted job is due for the reconciler
-- ARGV[5...] the queues that it listens to, in order
-- Returns a flat list of three for each job: id, attempt, queue
require_type(KEYS[1], 'hash')
require_indexes()
local now, answers = now_ms(), {}
set_slots(ARGV[1], ARGV[2])
for i = 5, #ARGV do
  local admitted = gate_admit(ARGV[i], ARGV[3] - #answers / 3, now, now + ARGV[4])
  for j = 1, #admitted, 2 do
    for _, value in ipairs({ admitted[j], admitted[j + 1], ARGV[i] }) do answers[#answers + 1] = value end
  end
end
return answers
