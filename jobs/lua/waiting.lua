-- Why a job waits, and how many wait before it.
-- KEYS[1] hash  the job
-- KEYS[2] zset  workers
-- ARGV[1] id
-- Returns {'no_worker' | 'queued' | 'next_try' | 'recovering', position} | {'running'} | {'gone'}
local seen = fits(KEYS[1], 'hash') and redis.call('HMGET', KEYS[1], 'status', 'owner', 'next_try_ms') or {}
if not seen[1] then return { 'gone' } end
if (seen[1] ~= 'pending' and seen[1] ~= 'processing') or seen[2] ~= '' then return { 'running' } end
local now = now_ms()
if tonumber(seen[3] or 0) > now then return { 'next_try', 0 } end
local alive = fits(KEYS[2], 'zset') and redis.call('ZCOUNT', KEYS[2], now, '+inf') or 0
if seen[1] == 'processing' then return { alive > 0 and 'recovering' or 'no_worker', 0 } end
local place = fits('jobs:by:status:pending', 'zset') and redis.call('ZRANK', 'jobs:by:status:pending', ARGV[1])
return { alive > 0 and 'queued' or 'no_worker', (place or 0) + 1 }
