"""Job kinds for tests: an echo, steps, a file with a row that points to it, a copy of an upload."""

from __future__ import annotations

import time
from pathlib import Path

from django.conf import settings
from rest_framework import serializers

from project.images import storage
from project.images.models import ImageRecord
from project.images.records import record_result
from project.images.signing import media_url
from project.inference import errors
from project.jobs import kinds
from project.jobs.kinds import Outcome

CONTENT = b"result"


class EchoParams(serializers.Serializer):
    """`text` comes back in the terminal event."""

    text = serializers.CharField(required=False, default="", allow_blank=True)


class StepsParams(serializers.Serializer):
    """`steps` units of `seconds` each."""

    steps = serializers.IntegerField(min_value=1, max_value=1000, default=3)
    seconds = serializers.FloatField(min_value=0, default=0.0)
    size = serializers.CharField(required=False, default="", allow_blank=True)


class GateParams(serializers.Serializer):
    """One step that lasts until the file `gate` exists in VAR_DIR."""

    gate = serializers.CharField()


class CopyParams(serializers.Serializer):
    """`picture` is an upload; the copy is made when the file `gate` (a full path) exists."""

    picture = serializers.UUIDField(format="hex")
    gate = serializers.CharField(required=False, default="", allow_blank=True)


class FailParams(serializers.Serializer):
    """`code` is the error to raise; `crash` raises something unexpected, `device` what a CUDA
    device raises that failed."""

    code = serializers.CharField(default="crash")


def echo(*, job, context, files):
    """Give the text back."""
    return Outcome(commit=lambda done: None, data={"text": job.params["text"]})


def steps(*, job, context, files):
    """Take the device and step."""
    total = job.params["steps"]
    with context.device():
        for done in range(total):
            context.step("stepping", done, total)
            time.sleep(job.params["seconds"])
        context.step("stepping", total, total)
    return Outcome(commit=lambda done: None)


def gate(*, job, context, files):
    """Wait for the gate within one step."""
    context.step("stepping", 0, 1)
    while not (Path(settings.VAR_DIR) / job.params["gate"]).exists():
        time.sleep(0.02)
    context.step("stepping", 1, 1)
    return Outcome(commit=lambda done: None)


def file(*, job, context, files):
    """Write one file; its row is the result."""
    context.step("writing", 0, 1)
    key = files.save("result.bin", CONTENT)
    return Outcome(
        commit=lambda done: ImageRecord.objects.create(
            owner=done.owner,
            purpose=ImageRecord.Purpose.RESULT,
            file=key,
            sha256="0" * 64,
            size_bytes=len(CONTENT),
            format="PNG",
            width=1,
            height=1,
            original_name=str(done.pk),
        ),
        data={"file": key},
    )


def copy(*, job, context, files):
    """Step until the gate opens, then write what the upload holds."""
    wanted = job.params["gate"]
    while wanted and not Path(wanted).exists():
        context.step("stepping", 0, 1)
        time.sleep(0.02)
    content = storage.read(ImageRecord.objects.get(pk=job.params["picture"]).file)
    key = files.save("copy.png", content)
    context.step("stepping", 1, 1)
    return Outcome(
        commit=lambda done: record_result(
            owner=done.owner, key=key, content=content, original_name=str(done.pk)
        )
    )


def copy_url(job):
    """Where the owner reads the copy."""
    return media_url(ImageRecord.objects.get(original_name=str(job.pk)))


def work(*, job, context, files):
    """Steps, then a file."""
    steps(job=job, context=context, files=files)
    return file(job=job, context=context, files=files)


def fail(*, job, context, files):
    """Leave a file and fail."""
    files.save("half.bin", CONTENT)
    for kind in (errors.OutOfMemory, errors.ModelUnavailable, errors.InvalidInput):
        if kind.code == job.params["code"]:
            raise kind("as asked")
    if job.params["code"] == "device":
        raise RuntimeError("CUDA error: an illegal memory access was encountered")
    raise RuntimeError("as asked")


def _kind(key, params, handler, **more):
    return kinds.Kind(
        key=key,
        label=key,
        params_serializer=params,
        handler=handler and f"tests.jobs.kinds:{handler}",
        stages={"stepping": "Stepping", "writing": "Writing"},
        unit="step",
        **more,
    )


def register_all():
    """Register every kind of this module."""
    kinds.register(_kind("test.echo", EchoParams, "echo"))
    kinds.register(
        _kind(
            "test.steps",
            StepsParams,
            "steps",
            units=lambda params: params["steps"],
            rate_bucket=lambda params: params.get("size", ""),
        )
    )
    kinds.register(_kind("test.work", StepsParams, "work", max_attempts=100))
    kinds.register(_kind("test.gate", GateParams, "gate"))
    kinds.register(_kind("test.file", EchoParams, "file"))
    kinds.register(_kind("test.copy", CopyParams, "copy", result_url=copy_url))
    kinds.register(
        _kind(
            "test.fail",
            FailParams,
            "fail",
            errors={"crash": "Crashed"},
            retryable=frozenset({"out_of_memory"}),
        )
    )
    kinds.register(_kind("test.batch", EchoParams, ""))
