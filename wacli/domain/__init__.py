"""Nouns and rules. No input or output, no clock, no environment: `now` is always an argument."""
