#!/usr/bin/env bash
# Say in plain words what is unsupported before anything is installed.
set -euo pipefail
python="${1:-}"
if [ "$(uname -s)" != Linux ] || [ "$(uname -m)" != x86_64 ]; then
    echo "Omnilens runs on x86-64 Linux (WSL2 counts); this is $(uname -s) $(uname -m)." >&2
    exit 1
fi
if [ -z "$python" ]; then
    echo "Python 3.11 or 3.12 is needed: install it, or name it: make PYTHON=/path/to/python3.11 run" >&2
    exit 1
fi
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
case "$version" in
3.11 | 3.12) ;;
*)
    echo "Python 3.11 or 3.12 is needed (the embedded Redis has wheels for no other); $python is $version." >&2
    exit 1
    ;;
esac
