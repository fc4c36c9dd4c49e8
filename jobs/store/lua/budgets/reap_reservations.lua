-- Releases reservations whose holder has ended: of jobs that are gone or terminal, and of calls that are settled
-- or gone. The reconciler scans one page at a time.
-- KEYS[1] hash  reservations by job id and call_id
-- ARGV[1] HSCAN cursor, 0 to begin
-- ARGV[2] approximate page size
-- Returns {next cursor, 0 at the end; number of released reservations}
if not has_type(KEYS[1], 'hash') then return { '0', 0 } end
local cursor, freed = unpack({ redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2]), 0 })
for i = 1, #cursor[2], 2 do
  local holder = cursor[2][i]
  local is_call = string.find(holder, '/', 1, true)
  local key = (is_call and CALL or JOB) .. holder
  local values = has_type(key, 'hash') and redis.call('HMGET', key, 'status', 'state') or {}
  if is_call and values[2] ~= 'intent' then -- rule: call-in-flight
    if values[2] then settle_after_end(holder) else charge_maximum(holder) end
    freed = freed + 1
  elseif not is_call and values[1] ~= 'pending' and values[1] ~= 'processing' then -- rule: job-active
    settle_reservation(holder)
    freed = freed + 1
  end
end
return { cursor[1], freed }
