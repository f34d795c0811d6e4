#!/usr/bin/env bash
# Waybill against another order system, in turns on one machine. The other one is a folder whose bench.sh prints one JSON
# object, as the Node pipeline's does: processed_per_s, delivered, cpu_s by process, e2e_closed_loop_32 with orders_per_s and
# e2e_p50_ms. Waybill gets a PostgreSQL with the same settings. A table of medians goes to standard error, JSON to
# standard output. Needs what the other system needs (for the Node pipeline: redis-server, wrk, node, python3).
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/common.sh

duration=10
waiting_duration=10
warmup=2
concurrency=64
rounds=5
port=4830 # and the two above it
peer=

usage() {
  cat <<END
usage: bench/versus.sh <folder of the other system> [--duration=$duration] [--waiting-duration=$waiting_duration] [--warmup=$warmup] (seconds)
                       [--concurrency=$concurrency] [--rounds=$rounds] [--port=$port] [--binary=$binary]
END
}

for argument in "$@"; do
  case $argument in
    --binary=*) binary=${argument#*=} ;;
    --help) usage && exit 0 ;;
    --*)
      number_option "$argument" duration waiting-duration warmup concurrency rounds port || { usage >&2 && exit 2; }
      ;;
    *) peer=$(realpath "$argument") ;;
  esac
done
[[ -n $peer && -x $peer/bench.sh ]] || { usage >&2 && exit 2; }
begin "$port" $((port + 1)) $((port + 2))

# What the Node pipeline's PostgreSQL has.
tune_postgresql() {
  cat >> "$work/pg/postgresql.conf" <<END
shared_buffers=512MB
max_wal_size=8GB
checkpoint_timeout=15min
max_connections=300
jit=off
autovacuum_naptime=20s
END
  as_postgres "$pg_bin/pg_ctl" -D "$work/pg" -m fast -w stop > /dev/null
  as_postgres "$pg_bin/pg_ctl" -D "$work/pg" -l "$work/pg/server.log" -w -t 60 \
    -o "-p $((port + 2)) -c listen_addresses=127.0.0.1 -c unix_socket_directories=" start > /dev/null
}

# Milliseconds of CPU that PostgreSQL's processes have used, those that have ended too.
postgresql_cpu_ms() {
  local server pid total=0
  server=$(head -n 1 "$work/pg/postmaster.pid")
  for pid in "$server" $(pgrep -P "$server"); do
    total=$((total + $(awk '{ sub(/.*\) /, ""); print $12 + $13 + $14 + $15 }' "/proc/$pid/stat" 2> /dev/null || echo 0)))
  done
  echo $((total * 1000 / $(getconf CLK_TCK)))
}

load() {
  "$binary" bench orders --url="http://127.0.0.1:$port" --warmup="${warmup}s" --concurrency="$concurrency" --products=100 "$@"
}

# measure_waybill <round>: writes $work/waybill.<round>.json.
measure_waybill() {
  local node database orders
  start_postgresql $((port + 2))
  tune_postgresql
  psql -q "$pg_url/postgres" -c 'create database waybill'
  start_node node --store="$pg_url/waybill" --http="127.0.0.1:$port" --listen="127.0.0.1:$((port + 1))"
  await_ready "$port"
  node=$(cpu_ms)
  database=$(postgresql_cpu_ms)
  load --duration="${duration}s" > "$work/orders.json" || fail "orders failed"
  at_rest waybill
  orders=$(number "$work/orders.json" accepted_in_all)
  node=$(($(cpu_ms) - node))
  database=$(($(postgresql_cpu_ms) - database))
  load --duration="${waiting_duration}s" --wait=delivered > "$work/delivered.json" || fail "orders failed"
  printf '{"completed_per_s": %s, "delivered_per_s": %s, "delivered_p50_ms": %s, "node_us": %s, "postgresql_us": %s}\n' \
    "$(number "$work/orders.json" completed_per_s)" "$(number "$work/delivered.json" delivered_per_s)" \
    "$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["delivery_ms"]["p50"])' "$work/delivered.json")" \
    $((node * 1000 / orders)) $((database * 1000 / orders)) > "$work/waybill.$1.json"
  end_nodes
  stop_postgresql
  rm -rf "$work/pg"
}

# measure_peer <round>: writes $work/peer.<round>.json.
measure_peer() {
  (cd "$work/peer" && RUN=$work/peer-run NO_LOCK=1 QUIET_S=0 QUEUE=streams SECS=$duration CONC=$concurrency \
    E2E_SECS=$waiting_duration ./bench.sh) > "$work/peer.$1.json" 2> "$work/peer.log" || fail "the other system failed"
}

# Both have PostgreSQL run as a user of its own.
chmod 711 "$work"
cp -r "$peer" "$work/peer"
[[ -d $work/peer/node_modules ]] || (cd "$work/peer" && npm ci --silent > "$work/npm.log" 2>&1) || fail "npm ci failed"
for round in $(seq "$rounds"); do
  echo "round $round of $rounds ..." >&2
  measure_peer "$round"
  measure_waybill "$round"
done
python3 - "$work" "$rounds" "$concurrency" <<'END'
import json, statistics, sys

work, rounds, clients = sys.argv[1], int(sys.argv[2]), sys.argv[3]
read = lambda name: [json.load(open(f"{work}/{name}.{i}.json")) for i in range(1, rounds + 1)]
peer, ours = read("peer"), read("waybill")
median = lambda runs, get: statistics.median(get(run) for run in runs)
per_order = lambda names: lambda run: sum(run["cpu_s"][name] for name in names) * 1e6 / max(1, run["delivered"])
rows = [
    ("orders completed per second", median(ours, lambda r: r["completed_per_s"]), median(peer, lambda r: r["processed_per_s"])),
    ("delivered per second, each client waits", median(ours, lambda r: r["delivered_per_s"]),
     median(peer, lambda r: r["e2e_closed_loop_32"]["orders_per_s"])),
    ("p50 of that (ms)", median(ours, lambda r: r["delivered_p50_ms"]), median(peer, lambda r: r["e2e_closed_loop_32"]["e2e_p50_ms"])),
    ("CPU of the services, an order (us)", median(ours, lambda r: r["node_us"]),
     median(peer, per_order(["api", "payment", "delivery", "notification", "queue"]))),
    ("CPU of PostgreSQL, an order (us)", median(ours, lambda r: r["postgresql_us"]), median(peer, per_order(["postgres"]))),
]
print(f"{rounds} turns, medians, {clients} clients{'':<14}{'waybill':>10}{'other':>10}{'ratio':>8}", file=sys.stderr)
for text, mine, theirs in rows:
    print(f"{text:<42}{mine:>10.0f}{theirs:>10.0f}{mine / theirs:>8.2f}", file=sys.stderr)
print(json.dumps({"waybill": ours, "other": peer}))
END
