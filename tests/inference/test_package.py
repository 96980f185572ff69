"""Guarantees about the package as a whole."""

from __future__ import annotations

import subprocess
import sys

import pytest

from project.inference import registry, weights
from tests.inference.fakes import spec_of

IMPORT_ALL = """
import importlib, pkgutil, sys
import project.inference
for module in pkgutil.walk_packages(project.inference.__path__, "project.inference."):
    importlib.import_module(module.name)
foreign = {"django", "rest_framework", "celery", "channels", "torch", "diffusers", "cv2", "numpy"}
print(",".join(sorted(foreign & {name.partition(".")[0] for name in sys.modules})))
"""


def test_inference_imports_no_django_and_no_torch():
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


def test_every_spec_has_a_manifest_entry():
    known = {entry.name for entry in weights.all_entries()}
    for spec in registry.all_specs():
        assert spec.weights
        assert set(spec.weights) <= known, spec.name


def test_a_model_without_weights_cannot_be_registered():
    with pytest.raises(ValueError, match="weights"):
        spec_of(weights=())


def test_a_model_is_registered_once(empty_registries):
    registry.register(spec_of())
    with pytest.raises(ValueError, match="twice"):
        registry.register(spec_of())
    assert registry.all_specs() == [registry.get("tiny")]
