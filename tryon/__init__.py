"""Virtual try-on: puts a garment from a wardrobe on a photo of a person.

This room is not built yet: it registers no page, no API and no job kind.
"""
