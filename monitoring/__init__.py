"""Video monitoring: watches video streams and raises alerts.

This room is not built yet: it registers no page, no API and no job kind.
"""
