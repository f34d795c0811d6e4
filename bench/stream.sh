#!/usr/bin/env bash
# Thousands of WebSocket subscribers of one node, while orders are placed: how long an event takes to all of them, and the
# memory of the node before and after. On SQLite. The result is JSON. Leaves no process and no file behind.
# usage: bench/stream.sh [--subscribers=5000] [--orders-per-second=200] [--seconds=30]
set -euo pipefail
cd "$(dirname "$0")/.."

source bench/common.sh

subscribers=5000
orders_per_second=200
seconds=30

for argument in "$@"; do
  number_option "$argument" subscribers orders-per-second seconds || { sed -n '2,4s/^# //p' "$0" >&2 && exit 2; }
done
begin

start_on_sqlite node --http-rate-reads=off --http-rate-writes=off --http-rate-streams=off \
  --http-max-connections=$((subscribers + 1000)) --http-max-connections-per-address=$((subscribers + 1000))

# memory <name>: in KiB, VmRSS or VmHWM.
memory() { sed -n "s/^$1:[^0-9]*\([0-9]*\).*/\1/p" "/proc/${pids[0]}/status"; }

idle=$(memory VmRSS)
code=0
"$binary" bench stream --url="$url" --subscribers="$subscribers" --orders-per-second="$orders_per_second" --duration="${seconds}s" \
  > "$work/stream.json" || code=$?
printf '{"idle_kib": %s, "highest_kib": %s, "cpu_ms": %s,\n "stream": %s}\n' \
  "$idle" "$(memory VmHWM)" "$(cpu_ms)" "$(cat "$work/stream.json")"
end_nodes
exit "$code"
