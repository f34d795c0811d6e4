#!/usr/bin/env bash
# Installs what is missing, configures and builds: ./scripts/build.sh [release|dev|asan|tsan [target...]]. The result lies
# in build/<preset>.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
targets=("${@:2}")

step="setup"
trap 'echo "build.sh: failed: $step" >&2' ERR

began=$SECONDS
scripts/setup.sh
set_up=$SECONDS

step="configuring ($preset)"
scripts/configure.sh "$preset"

step="building ($preset)"
echo "build: $preset"
cmake --build --preset "$preset" ${targets:+--target "${targets[@]}"}
echo "build: $preset is built in $((SECONDS - set_up)) s, after $((set_up - began)) s of setup"
