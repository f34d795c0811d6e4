#!/usr/bin/env bash
# Builds Waybill and runs all of its tests. Options of ctest may follow, then the fuzzers are left out: ./scripts/test.sh -R shell
set -euo pipefail
cd "$(dirname "$0")/.."

step="build"
trap 'echo "test.sh: failed: $step" >&2' ERR

scripts/build.sh release

if [[ $# == 0 ]]; then
  step="fuzzers"
  echo "test: what strangers can send, with sanitizers"
  tests/fuzz/run.sh --short
fi

step="tests"
echo "test: release"
exec ctest --preset release "$@"
