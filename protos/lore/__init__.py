"""The lore service's messages, by version."""
