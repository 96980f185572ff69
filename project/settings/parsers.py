"""Typed values from text. Each parser raises ValueError with what it expected."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from project.outbound.allow_list import AllowList

BASE_DIR = Path(__file__).resolve().parents[2]

_BYTE_UNITS = {
    "": 1, "b": 1,
    "k": 1024, "kb": 1000, "kib": 1024,
    "m": 1024**2, "mb": 1000**2, "mib": 1024**2,
    "g": 1024**3, "gb": 1000**3, "gib": 1024**3,
}  # fmt: skip
_SECOND_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def boolean(text: str) -> bool:
    """`1 true yes on` or `0 false no off` and nothing, in any case."""
    value = text.strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("expected true or false")


def size(text: str) -> int:
    """A size such as `20MB`, `512 MiB` or `1048576`, in bytes."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", text)
    if not match or match[2].lower() not in _BYTE_UNITS:
        raise ValueError("expected a size such as 20MB")
    return int(float(match[1]) * _BYTE_UNITS[match[2].lower()])


def duration(text: str) -> timedelta:
    """A duration such as `30s`, `10m`, `14d` or plain seconds."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd]?)\s*", text.lower())
    if not match:
        raise ValueError("expected a duration such as 30s, 10m or 14d")
    return timedelta(seconds=float(match[1]) * _SECOND_UNITS[match[2]])


def words(text: str) -> list[str]:
    """Comma-separated words."""
    return [item.strip() for item in text.split(",") if item.strip()]


def numbers(text: str) -> dict[str, float]:
    """Comma-separated `name=number`."""
    pairs = [item.partition("=") for item in words(text)]
    try:
        return {name.strip(): float(number) for name, _, number in pairs}
    except ValueError:
        raise ValueError("expected name=number, with commas between") from None


def extensions(text: str) -> list[str]:
    """Comma-separated file name extensions, lower case, with or without their dots."""
    return [word.lower().removeprefix(".") for word in words(text)]


def path(text: str) -> Path:
    """A path; relative ones start at the project root, never at the working directory."""
    given = Path(text).expanduser()
    return given if given.is_absolute() else BASE_DIR / given


def optional_path(text: str) -> Path | None:
    """A path, or None when the text is empty."""
    return path(text) if text.strip() else None


def pem_or_path(text: str) -> str | Path | None:
    """PEM text as it is (a `NAME_FILE` gives it), else the path of a PEM file; empty is None."""
    return text if text.lstrip().startswith("-----BEGIN ") else optional_path(text)


def positive(text: str) -> int:
    """A whole number of at least 1."""
    number = int(text)
    if number < 1:
        raise ValueError("expected a whole number of at least 1")
    return number


def port(text: str) -> int:
    """A port number, or 0."""
    number = int(text)
    if not 0 <= number <= 65535:
        raise ValueError("expected a port number")
    return number


def device(text: str) -> str:
    """`auto`, `cpu`, `cuda`, `cuda:N`, `cuda:all`, or several `cuda:N` with commas between."""
    names = words(text)
    is_one = len(names) == 1 and re.fullmatch(r"auto|cpu|cuda(:(\d+|all))?", names[0])
    are_several = len(names) == len(set(names)) > 1 and all(
        re.fullmatch(r"cuda:\d+", name) for name in names
    )
    if not is_one and not are_several:
        raise ValueError("expected auto, cpu, cuda, cuda:N, cuda:0,cuda:1 or cuda:all")
    return ",".join(names)


def allow_list(text: str) -> AllowList:
    """Hosts, addresses and networks, each with a port or without, commas between."""
    return AllowList.parse(words(text))


def web_address(text: str) -> str:
    """An http:// or https:// address with or without a path; empty is none."""
    value = text.strip()
    if value and not re.fullmatch(r"https?://[^/?#@\s]+(/[^\s#]*)?", value):
        raise ValueError("expected an address such as https://gateway.example.org/register")
    return value


def web_addresses(text: str) -> list[str]:
    """Several such addresses, commas between."""
    return [web_address(item) for item in words(text)]


def ip(text: str) -> str:
    """An IPv4 or IPv6 address; empty is none."""
    return str(ip_address(text.strip())) if text.strip() else ""


def site_address(text: str) -> str:
    """`https://host` or `http://host:port`, without a path; empty is none."""
    value = text.strip().rstrip("/")
    if value and not re.fullmatch(r"https?://[^/?#@\s]+", value):
        raise ValueError("expected an address such as https://photos.example.org")
    return value


def choice(*allowed: str, fold: Callable[[str], str] = str.upper) -> Callable[[str], str]:
    """A parser of one of the given words, in any case."""

    def parse(text: str) -> str:
        value = fold(text.strip())
        if value not in allowed:
            raise ValueError(f"expected one of {', '.join(allowed)}")
        return value

    parse.__doc__ = f"One of {', '.join(allowed)}."
    return parse
