"""Harnesses that measure a whole deployment; each is a make target (docs/measurements.md)."""
