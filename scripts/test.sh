#!/usr/bin/env bash
# Builds Waybill and runs all of its tests. Options of ctest may follow: ./scripts/test.sh -R shell
set -euo pipefail
cd "$(dirname "$0")/.."

step="build"
trap 'echo "test.sh: failed: $step" >&2' ERR

scripts/build.sh release

step="tests"
echo "test: release"
exec ctest --preset release "$@"
