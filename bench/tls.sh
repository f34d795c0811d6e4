#!/usr/bin/env bash
# What mutual TLS between nodes costs: CPU time of six nodes with one role each, per order, without and with certificates,
# in turns on one PostgreSQL. The table goes to standard output. Leaves no process and no file behind.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=$PWD/build/release/waybill
duration=10
concurrency=16
rounds=3
port=4800 # and the seven above it

usage() {
  echo "usage: bench/tls.sh [--duration=$duration] (seconds) [--concurrency=$concurrency] [--rounds=$rounds] [--port=$port]"
}

fail() {
  echo "bench/tls.sh: $*" >&2
  exit 1
}

for argument in "$@"; do
  case $argument in
    --duration=* | --concurrency=* | --rounds=* | --port=*)
      [[ ${argument#*=} =~ ^[1-9][0-9]*$ ]] || fail "$argument: expected a whole number"
      name=${argument%%=*}
      printf -v "${name#--}" '%s' "${argument#*=}"
      ;;
    --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
done
[[ -x $binary ]] || fail "there is no $binary; build it first"
pg_bin=/usr/lib/postgresql/15/bin
[[ -x $pg_bin/initdb ]] || fail "PostgreSQL's programs are not installed"

work=$(mktemp -d "${TMPDIR:-/tmp}/waybill-bench.XXXXXX")
chmod 711 "$work"
pids=()
pg_running=

# PostgreSQL refuses to run as root.
as_postgres() {
  if [[ $(id -u) == 0 ]]; then
    (cd "$work" && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

end_nodes() {
  [[ ${#pids[@]} -eq 0 ]] || kill -TERM "${pids[@]}" 2> /dev/null || true
  for pid in "${pids[@]}"; do
    wait "$pid" 2> /dev/null || true
  done
  pids=()
}

clean_up() {
  local code=$?
  trap - EXIT
  ((code == 0)) || tail -qn 3 "$work"/*.log >&2 2> /dev/null || true
  end_nodes
  [[ -z $pg_running ]] || as_postgres "$pg_bin/pg_ctl" -D "$work/pg" -m immediate -w stop > /dev/null 2>&1 || true
  rm -rf "$work"
  exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir "$work/pg"
[[ $(id -u) != 0 ]] || chown postgres "$work/pg"
as_postgres "$pg_bin/initdb" -D "$work/pg" -U waybill --auth=trust -E UTF8 > "$work/initdb.log" 2>&1 || fail "initdb failed"
as_postgres "$pg_bin/pg_ctl" -D "$work/pg" -l "$work/pg/server.log" -w -t 60 \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=" start > /dev/null || fail "PostgreSQL does not start"
pg_running=yes
server=postgresql://waybill@127.0.0.1:$port
docker/certificates.sh --authority="$work/authority" "$work/tls" node > /dev/null
tls=(--cluster-tls-ca="$work/tls/ca.pem" --cluster-tls-certificate="$work/tls/node.pem" --cluster-tls-key="$work/tls/node.key")

# start_nodes <database> <options>...: returns when the gateway reaches a node of every role.
start_nodes() {
  local database=$1 at=$((port + 1)) role
  shift
  psql -q "$server/postgres" -c "create database $database"
  for role in gateway order payment inventory delivery notification; do
    at=$((at + 1))
    "$binary" node --role="$role" --name="$role-1" --store="$server/$database" --http="127.0.0.1:$((port + 1))" \
      --listen="127.0.0.1:$at" --couriers=2000 --courier-shortest-delay=0ms --courier-longest-delay=0ms \
      --courier-decline-percent=0 --courier-abort-percent=0 --courier-vanish-percent=0 --provider-shortest-delay=0ms \
      --provider-longest-delay=0ms "$@" > "$work/$role.log" 2>&1 &
    pids+=($!)
  done
  for _ in $(seq 600); do
    curl -sf -o /dev/null "http://127.0.0.1:$((port + 1))/readyz" && return
    sleep 0.1
  done
  fail "the nodes do not find each other"
}

# Milliseconds of CPU that the nodes have used.
cpu_ms() {
  local pid total=0 ticks
  for pid in "${pids[@]}"; do
    ticks=$(awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$pid/stat")
    total=$((total + ticks))
  done
  echo $((total * 1000 / $(getconf CLK_TCK)))
}

# Its own count of finished orders is the gateway's, where none are; what matters here is in the database.
load() {
  "$binary" bench orders --url="http://127.0.0.1:$((port + 1))" --concurrency="$concurrency" --duration="${1}s" \
    --warmup=0s --drain=1s > "$work/bench.log" 2>&1 || true
}

at_rest() {
  for _ in $(seq 600); do
    [[ $(psql -At "$server/$1" -c "select count(*) from entities where unfinished") != 0 ]] || return 0
    sleep 0.2
  done
  fail "orders are still under way"
}

# measure <what> <database> <options>...: prints the microseconds of CPU of all nodes per order.
measure() {
  local what=$1 database=$2 before after orders
  shift
  start_nodes "$@"
  load 2
  at_rest "$database"
  orders=$(psql -At "$server/$database" -c "select count(*) from orders")
  before=$(cpu_ms)
  load "$duration"
  at_rest "$database"
  after=$(cpu_ms)
  orders=$(($(psql -At "$server/$database" -c "select count(*) from orders") - orders))
  end_nodes
  ((orders > 0)) || fail "no order was accepted"
  echo "$what: $(((after - before) * 1000 / orders)) µs of CPU an order ($orders orders)"
}

for round in $(seq "$rounds"); do
  measure "round $round, plain" "plain_$round"
  measure "round $round, mutual TLS" "tls_$round" "${tls[@]}"
done
