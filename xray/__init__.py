"""Chest X-ray: finds, maps and reports findings in a chest radiograph.

This room is not built yet: it registers no page, no API and no job kind.
"""
