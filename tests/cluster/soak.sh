#!/usr/bin/env bash
# Throws faults at a cluster of real processes for a long time: tests/cluster/soak.sh --minutes 30 --seed 7
# Further options go to the harness: build/release/waybill_chaos --help. Exit code 1: a promise was violated.
set -euo pipefail
cd "$(dirname "$0")/../.."

step="options"
trap 'echo "soak.sh: failed: $step" >&2' ERR

options=()
while [ $# -gt 0 ]; do
  case "$1" in
    --minutes | --seconds | --seed | --seeds | --rate | --faults)
      [ $# -ge 2 ] || { echo "soak.sh: $1 needs a value" >&2; exit 2; }
      options+=("$1=$2")
      shift 2
      ;;
    *)
      options+=("$1")
      shift
      ;;
  esac
done

step="build"
scripts/build.sh release waybill waybill_chaos

trap - ERR
exec build/release/waybill_chaos "${options[@]}"
