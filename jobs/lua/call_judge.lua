-- Marks a finished call whose text turned out to be of no use: it is paid, kept and shown, but never
-- replayed as a result.
-- KEYS[1] hash  the row of the call
-- ARGV[1] why, for people
-- Returns {'ok'} | {'gone'}
expect(KEYS[1], 'hash')
if redis.call('HGET', KEYS[1], 'state') ~= 'done' then return { 'gone' } end
redis.call('HSET', KEYS[1], 'usable', '0', 'error', ARGV[1])
return { 'ok' }
