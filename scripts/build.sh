#!/usr/bin/env bash
# Installs what is missing, configures and builds: ./scripts/build.sh [release|dev|asan|tsan [target...]]. The result lies
# in build/<preset>.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
targets=("${@:2}")

step="setup"
trap 'echo "build.sh: failed: $step" >&2' ERR

scripts/setup.sh
caf_prefix=$(scripts/build-caf.sh)

step="configuring ($preset)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake --preset "$preset" -DCMAKE_PREFIX_PATH="$caf_prefix" > "$log" 2>&1 || { cat "$log" >&2; false; }

step="building ($preset)"
echo "build: $preset"
cmake --build --preset "$preset" ${targets:+--target "${targets[@]}"}
