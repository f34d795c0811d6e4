#!/usr/bin/env bash
# What spreading an order over processes costs: orders per second of one embedded node, and of two gateways and three nodes
# that share all other roles, in turns on one PostgreSQL of its own. An order counts once it is finished: the clock runs from
# the first request until none is under way. The table goes to standard output. Leaves no process and no file behind.
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/common.sh

duration=15
concurrency=64
rounds=3
nodes=3
port=4820 # and those above it

usage() {
  echo "usage: bench/cluster.sh [--duration=$duration] (seconds) [--concurrency=$concurrency] (an even number) [--rounds=$rounds]"
  echo "                        [--nodes=$nodes] (besides the gateways) [--port=$port]"
}

for argument in "$@"; do
  case $argument in
    --help) usage && exit 0 ;;
    *) number_option "$argument" duration concurrency rounds nodes port || { usage >&2 && exit 2; } ;;
  esac
done
begin $(seq "$port" $((port + 4 + nodes)))
start_postgresql "$port"

# load <URL> <clients> <seconds>: what the gateway says of finished orders is of no use where other nodes finish them.
load() {
  "$binary" bench orders --url="$1" --concurrency="$2" --duration="${3}s" --warmup=0s --drain=0s > "$work/load.$2.json" || true
}

# measure <what> <database> <gateways' ports>...: prints a line; sets `rate`.
measure() {
  local what=$1 database=$2 begin end cpu orders gateway loads=()
  shift 2
  for gateway in "$@"; do
    await_ready "$gateway"
    load "http://127.0.0.1:$gateway" "$concurrency" 2
  done
  at_rest "$database"
  orders=$(psql -At "$pg_url/$database" -c "select count(*) from orders")
  cpu=$(cpu_ms)
  begin=$(date +%s%N)
  for gateway in "$@"; do
    load "http://127.0.0.1:$gateway" $((concurrency / $#)) "$duration" &
    loads+=($!)
  done
  wait "${loads[@]}"
  at_rest "$database"
  end=$(date +%s%N)
  cpu=$(($(cpu_ms) - cpu))
  orders=$(($(psql -At "$pg_url/$database" -c "select count(*) from orders where status = 'completed'") - orders))
  ((orders > 0)) || fail "no order was finished"
  rate=$(awk -v n="$orders" -v t=$((end - begin)) 'BEGIN { printf "%.0f", n / t * 1e9 }')
  echo "$what: $rate orders/s, $((cpu * 1000 / orders)) µs of the nodes' CPU an order ($orders orders)"
}

for round in $(seq "$rounds"); do
  psql -q "$pg_url/postgres" -c "create database embedded_$round" -c "create database cluster_$round"
  start_node embedded --store="$pg_url/embedded_$round" --http="127.0.0.1:$((port + 1))" --listen="127.0.0.1:$((port + 3))"
  measure "round $round, embedded" "embedded_$round" $((port + 1))
  embedded=$rate
  end_nodes
  for i in 1 2; do
    start_node "gateway-$i" --role=gateway --name="gateway-$i" --store="$pg_url/cluster_$round" \
      --http="127.0.0.1:$((port + i))" --listen="127.0.0.1:$((port + 2 + i))"
  done
  for i in $(seq "$nodes"); do
    start_node "node-$i" --role=order,payment,inventory,delivery,notification --name="node-$i" \
      --store="$pg_url/cluster_$round" --listen="127.0.0.1:$((port + 4 + i))"
  done
  measure "round $round, 2 gateways and $nodes nodes" "cluster_$round" $((port + 1)) $((port + 2))
  end_nodes
  echo "round $round: $(ratio "$rate" "$embedded")"
done
