"""The face path: find, align, choose, restore, blend. Each step is a function of its inputs.

    detection = detect_faces(context, pixels)
    crops = [align_face(pixels, face) for face in detection.faces]        # None: fits nowhere
    faces = restore_faces(context, crops, restorer="gfpgan-1.4")
    inverse = inverse_of(crop.matrix, source=(w, h), target=(W, H))
    paste_face(canvas, face.pixels, face.mask, inverse, fidelity=0.7)

Whoever keeps crop, restored face, mask and matrix blends anew without any network.
"""
