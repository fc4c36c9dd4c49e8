"""The lore service: the only process with a provider key; it owns every model call."""
