#!/usr/bin/env bash
# Builds Waybill and runs one node with everything in it, on http://127.0.0.1:4000, until Ctrl-C. Options of `waybill
# node` may follow: ./scripts/run.sh --http=127.0.0.1:8080
set -euo pipefail
cd "$(dirname "$0")/.."

step="build"
trap 'echo "run.sh: failed: $step" >&2' ERR

scripts/build.sh release waybill

step="configuration"
waybill=build/release/waybill
address=$("$waybill" config dump "$@" | sed -n 's/^http = \([^ ]*\) .*/\1/p')

say_when_it_serves() {
  for _ in $(seq 100); do
    if curl --silent --fail --output /dev/null --max-time 1 "http://$address/healthz"; then
      echo "Waybill serves on http://$address: open http://$address/ or http://$address/scenario/1 (Ctrl-C ends it; $SECONDS s after the command)"
      return
    fi
    kill -0 "$1" 2> /dev/null || return
    sleep 0.1
  done
}

(say_when_it_serves $$ &)
exec "$waybill" node "$@"
