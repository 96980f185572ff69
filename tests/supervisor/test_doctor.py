"""The doctor: every finding that matters names its repair."""

import json
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from project.doctor import installation, machine, packages
from project.doctor.findings import Finding, Level
from project.inference.weight_store import WeightsStatus

REPORT = {"torch": "2.15.0", "torchvision": "0.29.2", "cuda": None, "devices": [], "cpu": "AVX2"}


def device(**changes):
    given = {"device": "auto", "cuda_visible": None, "driver": ""} | changes
    return packages.examine_device(given.pop("report", REPORT), **given)


UNWELL = {
    "an old Python": lambda: machine.examine_python((3, 10), "Linux", "x86_64"),
    "another system": lambda: machine.examine_python((3, 11), "Darwin", "arm64"),
    "an old processor": lambda: machine.examine_processor({"sse2"}),
    "too little memory": lambda: machine.examine_memory(1_000_000_000),
    "little memory": lambda: machine.examine_memory(4_000_000_000),
    "a full disk": lambda: machine.examine_disk(10_000_000, "/srv"),
    "a filling disk": lambda: machine.examine_disk(3_000_000_000, "/srv"),
    "a wished GPU that is not there": lambda: device(device="cuda"),
    "a second GPU that is not there": lambda: device(
        device="cuda:0,cuda:1", report=REPORT | {"devices": ["RTX"], "cuda": "12.8"}
    ),
    "a GPU that torch does not see": lambda: device(driver="RTX, 550", cuda_visible=""),
    "no catalogue": lambda: installation.examine_translations([]),
}


@pytest.mark.parametrize("case", UNWELL)
def test_findings_name_a_repair_command(case):
    finding = UNWELL[case]()
    assert finding.level is not Level.OK
    assert finding.repair


def test_a_finding_without_a_repair_cannot_be_made():
    with pytest.raises(ValueError, match="names no repair"):
        Finding(topic="disk", level=Level.ERROR, text="full")


@pytest.mark.parametrize(
    "finding",
    [
        machine.examine_python((3, 12), "Linux", "x86_64"),
        machine.examine_processor({"avx2", "avx512f"}),
        machine.examine_memory(16_000_000_000),
        machine.examine_disk(50_000_000_000, "/srv"),
        device(),
        device(report=REPORT | {"devices": ["RTX"], "cuda": "12.8"}, driver="RTX, 550"),
        device(
            device="cuda:0,cuda:1",
            report=REPORT | {"devices": ["RTX", "RTX"], "cuda": "12.8"},
            driver="RTX, 550",
        ),
        packages.examine_versions(),
    ],
    ids=lambda finding: finding.topic,
)
def test_a_healthy_machine_is_well(finding):
    assert finding.level is Level.OK


def test_open_data_is_an_error_that_chmod_repairs(tmp_path):
    var = tmp_path / "var"
    var.mkdir(mode=0o755)
    dotenv = tmp_path / ".env"
    dotenv.write_text("A=1")
    dotenv.chmod(0o644)
    found = list(installation.examine_private(var, dotenv))
    assert [(f.level, f.repair) for f in found] == [
        (Level.ERROR, f"chmod go= {var}"),
        (Level.ERROR, f"chmod go= {dotenv}"),
    ]
    var.chmod(0o700)
    dotenv.chmod(0o600)
    assert [f.level for f in installation.examine_private(var, dotenv)] == [Level.OK]


def test_an_uncompiled_catalogue_is_an_error(tmp_path):
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").touch()
    assert installation.examine_translations([tmp_path]).level is Level.ERROR
    (folder / "django.mo").touch()
    assert installation.examine_translations([tmp_path]).level is Level.OK


def test_missing_weights_name_the_command_that_pulls_them(monkeypatch):
    needed = SimpleNamespace(name="upscaler", version="1", embedded=True)
    optional = SimpleNamespace(name="diffusion", version="2", embedded=False)
    monkeypatch.setattr(installation, "all_entries", lambda: [needed, optional])
    states = {
        "upscaler": WeightsStatus(entry=needed, state="damaged", detail="a.bin has a wrong sha256"),
        "diffusion": WeightsStatus(entry=optional, state="missing"),
    }
    found = list(installation.examine_weights(SimpleNamespace(verify=states.__getitem__)))
    assert [(f.level, f.repair) for f in found] == [
        (Level.ERROR, "manage.py models pull --embedded"),
        (Level.WARNING, "manage.py models pull diffusion"),
    ]
    assert "a.bin has a wrong sha256" in found[0].text


def test_a_silent_redis_is_an_error_without_its_password():
    settings = SimpleNamespace(EMBEDDED_REDIS=False, REDIS_URL="redis://:canary-pass@127.0.0.1:1/0")
    finding = installation.examine_redis(settings)
    assert finding.level is Level.ERROR
    assert "canary-pass" not in finding.text + finding.repair


def test_a_torch_that_does_not_import_is_an_error_with_its_reason(monkeypatch):
    monkeypatch.setattr(packages, "TORCH_PROBE", "raise ImportError('no matching torchvision')")
    found = list(packages.examine(device="auto", cuda_visible=None))
    assert [f.topic for f in found] == ["packages", "torch"]
    assert found[1].level is Level.ERROR
    assert "no matching torchvision" in found[1].text


@pytest.mark.parametrize(("memory", "code"), [(1_000_000_000, 1), (16_000_000_000, None)])
def test_the_exit_code_says_whether_something_must_be_repaired(monkeypatch, capsys, memory, code):
    from project.management.commands import doctor

    found = [machine.examine_memory(memory)]
    monkeypatch.setattr(doctor.Command, "_examine", lambda self, *, production: iter(found))
    if code is None:
        call_command("doctor", json=True)
    else:
        with pytest.raises(SystemExit) as ended:
            call_command("doctor", json=True)
        assert ended.value.code == code
    assert json.loads(capsys.readouterr().out) == [found[0].as_dict()]


def test_production_lists_what_it_refuses_from_any_profile():
    from django.conf import settings

    from project.doctor.deployment import examine_production

    found = list(examine_production(settings))
    assert found[0].topic == "profile"
    assert any("omnilens.E005" in f.text or "omnilens.E004" in f.text for f in found)
    assert all(f.repair for f in found if f.level is not Level.OK)
