"""Calling hosts that somebody else named, without being led into the house: knows no Django."""
