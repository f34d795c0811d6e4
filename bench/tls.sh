#!/usr/bin/env bash
# What mutual TLS between nodes costs: CPU time of six nodes with one role each, per order, without and with certificates,
# in turns on one PostgreSQL. The table goes to standard output. Leaves no process and no file behind.
set -euo pipefail
cd "$(dirname "$0")/.."

source bench/common.sh

duration=10
concurrency=16
rounds=3
port=4800 # and the seven above it

usage() {
  echo "usage: bench/tls.sh [--duration=$duration] (seconds) [--concurrency=$concurrency] [--rounds=$rounds] [--port=$port]"
}

for argument in "$@"; do
  case $argument in
    --help) usage && exit 0 ;;
    *) number_option "$argument" duration concurrency rounds port || { usage >&2 && exit 2; } ;;
  esac
done
begin $(seq "$port" $((port + 7)))
start_postgresql "$port"
docker/certificates.sh --authority="$work/authority" "$work/tls" node > /dev/null
tls=(--cluster-tls-ca="$work/tls/ca.pem" --cluster-tls-certificate="$work/tls/node.pem" --cluster-tls-key="$work/tls/node.key")

# start_nodes <database> <options>...
start_nodes() {
  local database=$1 at=$((port + 1)) role
  shift
  psql -q "$pg_url/postgres" -c "create database $database"
  for role in gateway order payment inventory delivery notification; do
    at=$((at + 1))
    start_node "$role" --role="$role" --name="$role-1" --store="$pg_url/$database" --http="127.0.0.1:$((port + 1))" \
      --listen="127.0.0.1:$at" "$@"
  done
  await_ready $((port + 1))
}

# Its own count of finished orders is the gateway's, where none are; what matters here is in the database.
load() {
  "$binary" bench orders --url="http://127.0.0.1:$((port + 1))" --concurrency="$concurrency" --duration="${1}s" \
    --warmup=0s --drain=1s > "$work/bench.log" 2>&1 || true
}

# measure <what> <database> <options>...: prints the microseconds of CPU of all nodes per order.
measure() {
  local what=$1 database=$2 before after orders
  shift
  start_nodes "$@"
  load 2
  at_rest "$database"
  orders=$(psql -At "$pg_url/$database" -c "select count(*) from orders")
  before=$(cpu_ms)
  load "$duration"
  at_rest "$database"
  after=$(cpu_ms)
  orders=$(($(psql -At "$pg_url/$database" -c "select count(*) from orders") - orders))
  end_nodes
  ((orders > 0)) || fail "no order was accepted"
  echo "$what: $(((after - before) * 1000 / orders)) µs of CPU an order ($orders orders)"
}

for round in $(seq "$rounds"); do
  measure "round $round, plain" "plain_$round"
  measure "round $round, mutual TLS" "tls_$round" "${tls[@]}"
done
