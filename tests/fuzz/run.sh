#!/usr/bin/env bash
# Builds the fuzzers with clang and runs each for a while: tests/fuzz/run.sh [--seconds=60 | --runs=10000000] [target...]
# Debian's clang and libclang-rt-14-dev must be there. What it finds lies in build/fuzz/found; keep it in corpus/<target>.
set -euo pipefail
cd "$(dirname "$0")/../.."

all=(order request frames cursors configuration tokens)
targets=()
limit=(-max_total_time=60)
for argument in "$@"; do
  case $argument in
    --seconds=*) limit=("-max_total_time=${argument#*=}") ;;
    --runs=*) limit=("-runs=${argument#*=}") ;;
    --*) echo "usage: tests/fuzz/run.sh [--seconds=60 | --runs=10000000] [${all[*]}]" >&2 && exit 2 ;;
    *) targets+=("$argument") ;;
  esac
done
[[ ${#targets[@]} -gt 0 ]] || targets=("${all[@]}")
command -v clang++ > /dev/null || { echo "run.sh: clang++ is missing (Debian: clang libclang-rt-14-dev)" >&2; exit 1; }

caf_prefix=$(scripts/build-caf.sh)
cmake --preset fuzz -DCMAKE_PREFIX_PATH="$caf_prefix" > /dev/null
cmake --build --preset fuzz --target "${targets[@]/#/waybill_fuzz_}"

# What a run learns is kept for the next one, apart from the inputs that are part of the project.
for target in "${targets[@]}"; do
  learnt=build/fuzz/learnt/$target
  mkdir -p "$learnt" build/fuzz/found
  echo "fuzz: $target"
  build/fuzz/waybill_fuzz_"$target" "${limit[@]}" -max_len=8192 -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
    -verbosity=0 -artifact_prefix="build/fuzz/found/$target-" "$learnt" "tests/fuzz/corpus/$target"
done
