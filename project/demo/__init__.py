"""Runs the registered samples against a living stack, over HTTP like any other client."""
