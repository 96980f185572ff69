#!/usr/bin/env bash
# Resolve requirements/*.in to pinned, hashed *.txt. dev.in holds everything, so the other
# files are resolved under its pins: one version of each package everywhere.
set -euo pipefail
cd "$(dirname "$0")"
resolve() {
    uv pip compile --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
        --generate-hashes --no-annotate --no-header \
        --override overrides.txt --no-build-isolation-package basicsr "$@"
}
pins=$(mktemp)
trap 'rm -f "$pins"' EXIT
resolve dev.in -o dev.txt
sed -e '/--hash/d' -e 's/ \\$//' dev.txt >"$pins"
for name in build base embedded llm ml production; do
    resolve "$name.in" -o "$name.txt" -c "$pins"
done
