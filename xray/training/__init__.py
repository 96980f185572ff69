"""How the networks of this room were made: data packs, split, augmentation, training, figures.

Nothing here runs while the product serves; the commands `xray_*` are its only callers.
"""
