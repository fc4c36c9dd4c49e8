"""Programs that measure. Each prints medians of one run; nothing here is a test."""
