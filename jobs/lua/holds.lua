-- Looks for money that is held for nothing: by a job that is gone or has ended, or by a call that has
-- settled or is gone. The sweeper asks for it a page at a time.
-- KEYS[1] hash  what is held, by job and by call
-- ARGV[1] cursor, 0 to begin
-- ARGV[2] how many to look at, about
-- Returns {cursor to go on with, 0 at the end; how many it let go}
if not fits(KEYS[1], 'hash') then return { '0', 0 } end
local cursor, freed = unpack({ redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2]), 0 })
for i = 1, #cursor[2], 2 do
  local holder = cursor[2][i]
  local is_call = string.find(holder, '/', 1, true)
  local key = (is_call and 'call:' or 'job:') .. holder
  local seen = fits(key, 'hash') and redis.call('HMGET', key, 'status', 'state') or {}
  if is_call and seen[2] ~= 'intent' then
    if seen[2] then settle_late(holder) else forfeit(holder) end
    freed = freed + 1
  elseif not is_call and seen[1] ~= 'pending' and seen[1] ~= 'processing' then
    settle(holder)
    freed = freed + 1
  end
end
return { cursor[1], freed }
