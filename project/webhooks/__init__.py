"""Telling other systems that a job has ended: signed, logged, at least once."""
