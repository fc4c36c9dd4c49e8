"""Programs that measure; each prints medians of a comparison made in one run. Nothing here is a test."""
