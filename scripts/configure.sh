#!/usr/bin/env bash
# Configures build/<preset>; silent unless that fails. scripts/setup.sh has been there before.
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake --preset "$1" -DCMAKE_PREFIX_PATH="$(scripts/build-caf.sh)" > "$log" 2>&1 || { cat "$log" >&2; exit 1; }
