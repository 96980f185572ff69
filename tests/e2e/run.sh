#!/usr/bin/env bash
# The browser tests in real Chromium. Installs Debian's browser and a CJK font when missing
# (root); without root it says what to install.
set -euo pipefail
cd "$(dirname "$0")/../.."

has_browser() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null; }
has_font() { command -v fc-list >/dev/null && fc-list :lang=zh | grep -q .; }
if ! has_browser || ! has_font; then
    if [ "$(id -u)" != 0 ]; then
        echo "Install a browser and a Chinese font first: apt-get install chromium fonts-noto-cjk" >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk fontconfig >/dev/null
fi

export _OMNILENS_E2E=1 DJANGO_SETTINGS_MODULE=project.settings.test
exec .venv/bin/python -m pytest tests/e2e -q "$@"
