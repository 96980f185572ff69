"""The module that basicsr asks for is put in place only where it is missing."""

import importlib.util
import sys
from types import ModuleType

import pytest

from enhance.nets import torchvision_shim

NAME = torchvision_shim.MISSING


@pytest.fixture(autouse=True)
def absent(monkeypatch):
    """As in a process that imported nothing yet; monkeypatch puts the module back."""
    monkeypatch.setitem(sys.modules, NAME, ModuleType(NAME))
    monkeypatch.delitem(sys.modules, NAME)


def test_the_missing_module_is_put_in_place_once(monkeypatch):
    from torchvision.transforms.functional import rgb_to_grayscale

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    torchvision_shim.install()
    module = sys.modules[NAME]
    assert module.rgb_to_grayscale is rgb_to_grayscale
    torchvision_shim.install()
    assert sys.modules[NAME] is module


def test_a_torchvision_that_has_the_module_is_left_alone(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    torchvision_shim.install()
    assert NAME not in sys.modules


def test_a_module_that_was_imported_already_is_left_alone(monkeypatch):
    real = ModuleType(NAME)
    monkeypatch.setitem(sys.modules, NAME, real)
    torchvision_shim.install()
    assert sys.modules[NAME] is real
