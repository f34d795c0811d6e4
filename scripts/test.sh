#!/usr/bin/env bash
# Builds Waybill and runs all of its tests. Options of ctest may follow: then only what the chosen tests need is built, by
# the preset `dev`, in which one changed source is compiled alone, and the fuzzers are left out: ./scripts/test.sh -R shell
#
#   WAYBILL_PRESET   the preset (default: release for all tests, dev for chosen ones)
set -euo pipefail
cd "$(dirname "$0")/.."

step="setup"
trap 'echo "test.sh: failed: $step" >&2' ERR

# The target that has to be built for a test.
targets_of() {
  case $1 in
    cluster.*) echo waybill waybill_tests_cluster waybill_chaos ;;
    clients.* | contract.* | structure.* | web.*) echo waybill ;;
    fuzz.*) echo "waybill_fuzz_replay_${1#fuzz.}" ;;
    *) echo "waybill_tests_${1%%.*}" ;;
  esac
}

if [ $# -gt 0 ]; then
  preset=${WAYBILL_PRESET:-dev}
  scripts/setup.sh
  step="configuring ($preset)"
  scripts/configure.sh "$preset"
  step="choosing tests"
  mapfile -t chosen < <(ctest --preset "$preset" --show-only "$@" | sed -n -E 's/^ *Test +#[0-9]+: //p')
  [ "${#chosen[@]}" -gt 0 ] || { echo "test.sh: no test is chosen by: $*" >&2; exit 1; }
  mapfile -t targets < <(for test in "${chosen[@]}"; do targets_of "$test"; done | tr ' ' '\n' | sort -u)
  step="build"
  cmake --build --preset "$preset" --target "${targets[@]}"
  step="tests"
  exec ctest --preset "$preset" "$@"
fi

preset=${WAYBILL_PRESET:-release}
step="build"
scripts/build.sh "$preset"

step="fuzzers"
echo "test: what strangers can send, with sanitizers"
tests/fuzz/run.sh --short

step="tests"
echo "test: $preset, after $SECONDS s"
ctest --preset "$preset"
echo "test: all of it took $SECONDS s"
