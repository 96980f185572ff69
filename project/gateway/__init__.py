"""Telling an API gateway where this installation answers; off unless the operator sets it up."""
