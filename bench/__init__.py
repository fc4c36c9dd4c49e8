"""Benchmarks. Each prints medians of one run; none is a test."""
