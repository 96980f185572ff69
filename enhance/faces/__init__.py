"""Faces of a picture: options, rows, preview, blending again; the pixels are in pipeline/faces."""
