#!/usr/bin/env bash
# Runs clang-tidy with the checks of .clang-tidy, on all cores, and fails when it finds anything:
#   scripts/tidy.sh                       everything, several sources read as one (as in a build with WAYBILL_UNITY)
#   scripts/tidy.sh domain auth/...cpp    the sources in these folders, and these files, each by itself
# On Debian it is the package clang-tidy; building and testing do not need it.
set -euo pipefail
cd "$(dirname "$0")/.."

step="setup"
trap 'echo "tidy.sh: failed: $step" >&2' ERR

command -v clang-tidy > /dev/null || { echo "tidy.sh: there is no clang-tidy; on Debian: apt-get install clang-tidy" >&2; exit 1; }
caf_prefix=$(scripts/build-caf.sh)

step="configuring"
unity=$([ $# -eq 0 ] && echo ON || echo OFF)
build=build/tidy-unity-$unity
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake --preset dev -B "$build" -DWAYBILL_UNITY="$unity" -DCMAKE_PREFIX_PATH="$caf_prefix" > "$log" 2>&1 || { cat "$log" >&2; false; }

# What is compiled, without what the build itself writes; in a unity build its files stand for their sources.
sources() {
  jq -r '.[].file' "$build/compile_commands.json" | grep -v "/$build/.*\.cpp$" | sort -u
}

selected() {
  local wanted
  for wanted in "$@"; do
    sources | grep -F -e "$(realpath "$wanted")" || { echo "tidy.sh: nothing is compiled of $wanted" >&2; exit 1; }
  done | sort -u
}

step="clang-tidy"
[ $# -eq 0 ] && files=$(sources) || files=$(selected "$@")
echo "tidy: $(wc -l <<< "$files") files"
# clang 14 has the coroutines of C++20 without saying so, which libstdc++ asks for; it does not know every option of g++.
xargs -d '\n' -n 1 -P "$(nproc)" clang-tidy -p "$build" --quiet --extra-arg=-D__cpp_impl_coroutine=201902L \
  --extra-arg=-Wno-error --extra-arg=-Wno-unknown-warning-option <<< "$files" 2> "$log" || { grep -E "error:" "$log" >&2; false; }
echo "tidy: nothing found"
