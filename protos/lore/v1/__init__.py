"""Version 1 of the wire contract. `lore.proto` is the source; the rest is generated."""
