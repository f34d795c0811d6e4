#!/usr/bin/env bash
# Shows that the chaos harness can fail: each patch of broken/ breaks one promise in a copy of this tree, and a run of the
# harness against that program must find a violation.
#   tests/cluster/broken_builds.sh                      all of them; about ten minutes each from nothing
#   tests/cluster/broken_builds.sh answer-before-durable
#
#   WAYBILL_SEEDS   seeds that are tried until one finds something (default: 1 2 3)
set -euo pipefail
cd "$(dirname "$0")/../.."

step="options"
trap 'echo "broken_builds.sh: failed: $step" >&2' ERR

# The faults that bring it out: the harness's options.
options_of() {
  case $1 in
    answer-before-durable) echo --members=whole --faults=hang-kill --rate=40 ;;
    call-before-durable | refusal-voids-nothing | state-outlives-epoch) echo --members=whole --faults=refuse --rate=40 ;;
    feed-before-settled) echo --faults=none --rate=60 ;;
    *) echo "broken_builds.sh: it is not said how broken/$1.patch is brought out" >&2; return 1 ;;
  esac
}

names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  for patch in tests/cluster/broken/*.patch; do names+=("$(basename "$patch" .patch)"); done
fi

step="build"
scripts/build.sh release waybill_chaos

copy=build/broken
for name in "${names[@]}"; do
  step="$name"
  faults=$(options_of "$name")
  mkdir -p "$copy"
  # Only newer files: a program that was broken before is repaired, and broken again, by few compilations.
  git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents --update --preserve=timestamps -t "$copy"
  (cd "$copy" && patch --quiet -p1 < "../../tests/cluster/broken/$name.patch" && scripts/configure.sh release \
    && cmake --build --preset release --target waybill)
  failing_seed=""
  for seed in ${WAYBILL_SEEDS:-1 2 3}; do
    # shellcheck disable=SC2086 # several options
    if ! build/release/waybill_chaos --program="$copy/build/release/waybill" --seed="$seed" --seconds=40 --quiet=0 --past=0 $faults; then
      failing_seed=$seed
      break
    fi
  done
  (cd "$copy" && patch --quiet -p1 -R < "../../tests/cluster/broken/$name.patch")
  [ -n "$failing_seed" ] || { echo "broken_builds.sh: nothing was found wrong with $name" >&2; exit 1; }
  echo "broken_builds.sh: $name was found by seed $failing_seed"
done
