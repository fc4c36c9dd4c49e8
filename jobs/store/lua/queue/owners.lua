-- Reads owners whose jobs wait in some lanes: those that may start nothing now first, then in the order of their turns.
-- KEYS[1] hash the gate of the queue
-- ARGV[1] maximum number of owners
-- ARGV[2...] lanes
-- Returns {1 when there are more owners, {owner, waiting jobs, admitted and running jobs, ms that its next job has waited}, ...}
local most, now, reply, seen = tonumber(ARGV[1]), now_ms(), { 0 }, {}
local function waited_ms(id)
  local times = redis.call('HMGET', JOB .. id, 'retried_ms', 'created_ms')
  return now - (times[1] or times[2] or now)
end
local function row_of(owner)
  local waiting, longest = 0, 0
  for _, lane in ipairs({ unpack(ARGV, 2) }) do
    local jobs = jobs_key(KEYS[1], lane, owner)
    local first = redis.call('ZRANGE', jobs, 0, 0)[1]
    if first then
      waiting = waiting + redis.call('ZCARD', jobs)
      longest = math.max(longest, waited_ms(first))
    end
  end
  return { owner, waiting, redis.call('SCARD', RUNNING .. owner), longest }
end
local function add(owners)
  for _, owner in ipairs(owners) do
    if not seen[owner] then
      if #reply > most then -- rule: most-owners
        reply[1] = 1
        return
      end
      seen[owner] = true
      reply[#reply + 1] = row_of(owner)
    end
  end
end
add(redis.call('SRANDMEMBER', KEYS[1] .. ':parked', most + 1)) -- rule: parked-owners
for _, lane in ipairs({ unpack(ARGV, 2) }) do add(redis.call('ZRANGE', lane_key(KEYS[1], lane), 0, most)) end
return reply
