-- Lets an owner start jobs again that was at its limit, or paused; one that still is will be parked again.
-- ARGV[1] RQ's queue
-- ARGV[2] owner
-- Returns {'ok'}
local gate, owner = GATE .. ARGV[1], ARGV[2]
local parked = gate .. ':parked:' .. owner
if not (is_gate_intact(gate) and has_type(parked, 'set')) then error('WRONGTYPE a key of the gate is of another type') end
gate_unpark(gate, owner)
return { 'ok' }
