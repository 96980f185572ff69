"""The networks of the face path by name, without torch: web process and worker agree on them here."""

from __future__ import annotations

MTCNN, RETINAFACE, PARSENET = "mtcnn", "retinaface-r50", "parsenet"
# Best first: what a job takes when its owner names none.
RESTORERS = ("gfpgan-1.4", "gfpgan-1.3", "gfpgan-1.2")
FACE_SIDE = 512
