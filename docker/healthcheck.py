"""Is the web process of this container ready? Exit code 0: yes; 1: no, and what is missing."""

from __future__ import annotations

import os
import sys

from project.supervisor.readiness import host_header, probe_ready


def main(url: str) -> str | None:
    """What is missing, or None; asks under a host name that the site answers to."""
    hosts = [name.strip() for name in os.environ["OMNILENS_ALLOWED_HOSTS"].split(",")]
    return probe_ready(url, host=host_header(url, hosts)) or None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
