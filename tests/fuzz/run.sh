#!/usr/bin/env bash
# Builds the fuzzers with clang and runs each for a while: tests/fuzz/run.sh [--short | --seconds=60 | --runs=10000000] [target...]
# --short: the same 100,000 inputs each time, made of those in corpus/, as a part of scripts/test.sh.
# Its findings lie in build/fuzz/found; keep them in corpus/<target>.
set -euo pipefail
cd "$(dirname "$0")/../.."

all=(order request frames cursors configuration tokens functions)
targets=()
limit=(-max_total_time=60)
memory=build/fuzz/learnt
for argument in "$@"; do
  case $argument in
    --short) limit=(-runs=100000 -seed=1) && memory=build/fuzz/short ;;
    --seconds=*) limit=("-max_total_time=${argument#*=}") ;;
    --runs=*) limit=("-runs=${argument#*=}") ;;
    --*) echo "usage: tests/fuzz/run.sh [--short | --seconds=60 | --runs=10000000] [${all[*]}]" >&2 && exit 2 ;;
    *) targets+=("$argument") ;;
  esac
done
[[ ${#targets[@]} -gt 0 ]] || targets=("${all[@]}")
command -v clang++ > /dev/null || { echo "run.sh: clang++ is missing: run scripts/setup.sh" >&2; exit 1; }

caf_prefix=$(scripts/build-caf.sh)
cmake --preset fuzz -DCMAKE_PREFIX_PATH="$caf_prefix" > /dev/null
cmake --build --preset fuzz --target "${targets[@]/#/waybill_fuzz_}"

# What a run learns is kept for the next one, apart from the inputs that are part of the project. A short one starts anew.
rm -rf build/fuzz/short
mkdir -p build/fuzz/found

fuzz() {
  local target=$1 learnt=$memory/$1
  mkdir -p "$learnt"
  build/fuzz/waybill_fuzz_"$target" "${limit[@]}" -max_len=8192 -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
    -verbosity=0 -artifact_prefix="build/fuzz/found/$target-" "$learnt" "tests/fuzz/corpus/$target"
}

fuzz_shortly() {
  local log=$memory/$1.log
  if fuzz "$1" > "$log" 2>&1; then
    echo "fuzz: $1: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, nothing found"
  else
    tail -n 60 "$log" >&2
    echo "run.sh: failed: $1; the input is in build/fuzz/found" >&2
    return 1
  fi
}

if [[ $memory != build/fuzz/short ]]; then
  for target in "${targets[@]}"; do
    echo "fuzz: $target"
    fuzz "$target"
  done
  exit
fi

# One on each core.
mkdir -p "$memory"
failed=0 running=0
for target in "${targets[@]}"; do
  if [[ $running -ge $(nproc) ]]; then
    wait -n || failed=1
    running=$((running - 1))
  fi
  fuzz_shortly "$target" &
  running=$((running + 1))
done
while [[ $running -gt 0 ]]; do
  wait -n || failed=1
  running=$((running - 1))
done
exit "$failed"
