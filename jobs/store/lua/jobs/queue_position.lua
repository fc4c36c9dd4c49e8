-- Looks up why a job waits, and its position among the pending jobs of its queue.
-- KEYS[1] hash   the job
-- KEYS[2] zset   live workers; a name ends in @ and the queues it listens to, separated by commas
-- KEYS[3] string RQ's flag of `rq suspend`
-- ARGV[1] id
-- Returns {'no_worker' | 'suspended' | 'queued' | 'next_try' | 'recovering', position} | {'running'} | {'gone'}
local values = has_type(KEYS[1], 'hash') and redis.call('HMGET', KEYS[1], 'status', 'lease_holder', 'next_try_ms', 'queue') or {}
if not values[1] then return { 'gone' } end
if (values[1] ~= 'pending' and values[1] ~= 'processing') or values[2] ~= '' then return { 'running' } end
local now = now_ms()
if tonumber(values[3] or 0) > now then return { 'next_try', 0 } end
local reason = 'no_worker'
for _, worker in ipairs(has_type(KEYS[2], 'zset') and redis.call('ZRANGEBYSCORE', KEYS[2], now, '+inf') or {}) do
  local queues = string.match(worker, '.*@(.*)')
  local listens = not queues or not values[4] or string.find(',' .. queues .. ',', ',' .. values[4] .. ',', 1, true) -- rule: listens
  if listens then reason = values[1] == 'processing' and 'recovering' or 'queued' end
end
if redis.call('EXISTS', KEYS[3]) == 1 then reason = 'suspended' end -- rule: suspended
if values[1] == 'processing' then return { reason, 0 } end
local index_key = pending_of_queue(index_names(ARGV[1])) or BY .. 'active:yes' -- rule: own-queue
local place = has_type(index_key, 'zset') and redis.call('ZRANK', index_key, ARGV[1])
return { reason, (place or 0) + 1 }
