"""Omnilens: the platform under its four imaging services."""
