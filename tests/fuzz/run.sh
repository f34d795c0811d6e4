#!/usr/bin/env bash
# Builds the fuzzers with clang and runs each for a while: tests/fuzz/run.sh [--short | --seconds=60 | --runs=10000000] [target...]
# --short: the same 100,000 inputs each time, made of those in corpus/, as a part of scripts/test.sh.
# What it finds lies in build/fuzz/found; keep it in corpus/<target>.
set -euo pipefail
cd "$(dirname "$0")/../.."

all=(order request frames cursors configuration tokens)
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
for target in "${targets[@]}"; do
  learnt=$memory/$target
  mkdir -p "$learnt" build/fuzz/found
  run=(build/fuzz/waybill_fuzz_"$target" "${limit[@]}" -max_len=8192 -timeout=60 -rss_limit_mb=2048 -print_final_stats=1
    -verbosity=0 -artifact_prefix="build/fuzz/found/$target-" "$learnt" "tests/fuzz/corpus/$target")
  if [[ $memory != build/fuzz/short ]]; then
    echo "fuzz: $target"
    "${run[@]}"
  elif "${run[@]}" > "$learnt.log" 2>&1; then
    echo "fuzz: $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$learnt.log") inputs, nothing found"
  else
    tail -n 60 "$learnt.log" >&2
    echo "run.sh: failed: $target; the input is in build/fuzz/found" >&2
    exit 1
  fi
done
