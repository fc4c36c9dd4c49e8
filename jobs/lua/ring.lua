-- Puts entries into RQ's queue, each with the hash that RQ's own enqueue_many would write: that one
-- costs the caller 80 µs of Python an entry, this 5. A test holds the two to each other.
-- KEYS[1] list  RQ's queue
-- KEYS[2] set   RQ's queues
-- ARGV[1] what RQ puts before the id of an entry
-- ARGV[2] seconds that what is left of an entry lives
-- ARGV[3] how many of the next arguments are fields that all entries share
-- ARGV[4...] these fields, name and value in turn; then for each entry its id and its data
-- Returns how many entries the queue has
expect(KEYS[1], 'list')
expect(KEYS[2], 'set')
local shared, entries, first = {}, {}, 4 + ARGV[3]
for i = 4, #ARGV do
  local list = i < first and shared or entries
  list[#list + 1] = ARGV[i]
end
for i = 1, #entries, 2 do expect(ARGV[1] .. entries[i], 'hash') end
for i = 1, #entries, 2 do
  local hash = ARGV[1] .. entries[i]
  redis.call('HSET', hash, 'description', entries[i], 'data', entries[i + 1], unpack(shared))
  redis.call('EXPIRE', hash, ARGV[2])
  redis.call('RPUSH', KEYS[1], entries[i])
end
redis.call('SADD', KEYS[2], KEYS[1])
return redis.call('LLEN', KEYS[1])
