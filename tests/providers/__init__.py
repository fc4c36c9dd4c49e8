"""Odd answers of providers, each with its right outcome, through the real provider code."""
