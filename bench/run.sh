#!/usr/bin/env bash
# The comparison in one run: pgbench's durable single-row insert and its race for one row, Waybill's orders and its flash
# sale on the same PostgreSQL, Waybill on SQLite.
# JSON goes to standard output, a table to standard error. Leaves no process and no file behind.
set -euo pipefail
cd "$(dirname "$0")/.."

# How the node is started: all roles in one process, couriers and provider without delay, nothing else switched off.
node_options=(
  --couriers=2000 --courier-shortest-delay=0ms --courier-longest-delay=0ms
  --courier-decline-percent=0 --courier-abort-percent=0 --courier-vanish-percent=0
  --provider-shortest-delay=0ms --provider-longest-delay=0ms
)
binary=build/release/waybill
duration=20
warmup=3
concurrency=64
waiting=32
products=16
units=100000
buyers=1000
stores="postgresql sqlite"
http_port=4790
listen_port=4791
pg_port=4792

usage() {
  cat <<END
usage: bench/run.sh [--duration=$duration] [--warmup=$warmup] (seconds) [--concurrency=$concurrency] [--waiting=$waiting]
                    [--products=$products] [--units=$units] [--buyers=$buyers] [--stores="$stores"] [--binary=$binary]
                    [--http-port=$http_port] [--listen-port=$listen_port] [--pg-port=$pg_port]
--concurrency: clients that send orders one after the other; --waiting: clients that wait for each delivery;
--units, --buyers: of the flash sale.
END
}

fail() {
  echo "bench/run.sh: $*" >&2
  exit 1
}

for argument in "$@"; do
  case $argument in
    --duration=* | --warmup=* | --concurrency=* | --waiting=* | --products=* | --units=* | --buyers=* | --http-port=* | --listen-port=* | --pg-port=*)
      [[ ${argument#*=} =~ ^[0-9]+$ ]] || fail "$argument: expected a whole number"
      name=${argument%%=*}
      name=${name#--}
      printf -v "${name//-/_}" '%s' "${argument#*=}"
      ;;
    --stores=*) stores=${argument#*=} ;;
    --binary=*) binary=${argument#*=} ;;
    --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
done
[[ -x $binary ]] || fail "there is no $binary; build it first"

work=$(mktemp -d "${TMPDIR:-/tmp}/waybill-bench.XXXXXX")
node_pid=
pg_running=
pg_bin=
for candidate in /usr/lib/postgresql/15/bin "$(command -v pg_ctl >/dev/null && dirname "$(command -v pg_ctl)" || true)"; do
  if [[ -n $candidate && -x $candidate/initdb ]]; then
    pg_bin=$candidate
    break
  fi
done

# PostgreSQL refuses to run as root.
as_postgres() {
  if [[ $(id -u) == 0 ]]; then
    (cd "$work" && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

# Ends the node in order; a node that does not end within 30 s is a failure.
stop_node() {
  local pid=$node_pid waited=0
  [[ -n $pid ]] || return 0
  node_pid=
  kill -TERM "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do
    if ((++waited > 300)); then
      kill -KILL "$pid" 2>/dev/null || true
      wait "$pid" 2>/dev/null || true
      fail "the node did not end within 30 s of SIGTERM"
    fi
    sleep 0.1
  done
  local code=0
  wait "$pid" 2>/dev/null || code=$?
  ((code == 0)) || fail "the node ended with $code"
}

clean_up() {
  local code=$?
  trap - EXIT
  if ((code != 0)) && [[ -s $work/node.log ]]; then
    echo "the node's last lines:" >&2
    tail -n 20 "$work/node.log" >&2
  fi
  if [[ -n $node_pid ]]; then
    kill -KILL "$node_pid" 2>/dev/null || true
    wait "$node_pid" 2>/dev/null || true
  fi
  if [[ -n $pg_running ]]; then
    as_postgres "$pg_bin/pg_ctl" -D "$work/pg" -m immediate -w stop >/dev/null 2>&1 || true
  fi
  rm -rf "$work"
  exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

for port in "$http_port" "$listen_port" "$pg_port"; do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    fail "something listens on port $port already"
  fi
done

# number <file> <name>: the first number of that name in a JSON text.
number() {
  local found
  found=$(grep -o "\"$2\": *[0-9.]*" "$1" | head -n 1 | sed 's/.*: *//' || true)
  [[ -n $found ]] || fail "no $2 in $1"
  echo "$found"
}

ratio() {
  awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'
}

resident_kib() {
  awk '/^VmRSS:/ { print $2 }' "/proc/$node_pid/status"
}

start_postgresql() {
  [[ -n $pg_bin ]] || fail "PostgreSQL's programs are not installed"
  mkdir "$work/pg"
  if [[ $(id -u) == 0 ]]; then
    chmod 711 "$work"
    chown postgres "$work/pg"
  fi
  as_postgres "$pg_bin/initdb" -D "$work/pg" -U waybill --auth=trust -E UTF8 >"$work/initdb.log" 2>&1 \
    || fail "initdb: $(tail -n 3 "$work/initdb.log")"
  as_postgres "$pg_bin/pg_ctl" -D "$work/pg" -l "$work/pg/server.log" -w -t 60 \
    -o "-p $pg_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=" start >/dev/null \
    || fail "PostgreSQL does not start"
  pg_running=yes
  psql -q "$pg_url/postgres" -c 'create database waybill' -c 'create database yardstick'
}

measure_pgbench() {
  psql -q "$pg_url/yardstick" -c 'create table t(id bigserial primary key, v int not null)'
  printf '\\set v random(1, 1000000)\ninsert into t(v) values (:v);\n' >"$work/insert.sql"
  pgbench -n -M prepared -c 32 -j 2 -T "$duration" -f "$work/insert.sql" "$pg_url/yardstick" >"$work/pgbench.txt" 2>&1 \
    || fail "pgbench: $(tail -n 3 "$work/pgbench.txt")"
  sed -n 's/^tps = \([0-9.]*\).*/\1/p' "$work/pgbench.txt"
}

# 32 clients that all want the same row.
measure_hot_row() {
  psql -q "$pg_url/yardstick" -c 'create table stock(id int primary key, n int not null)' \
    -c 'insert into stock values (1, 1000000000)'
  echo 'update stock set n = n - 1 where id = 1 and n > 0;' >"$work/hot_row.sql"
  pgbench -n -M prepared -c 32 -j 2 -T "$duration" -f "$work/hot_row.sql" "$pg_url/yardstick" >"$work/pgbench.txt" 2>&1 \
    || fail "pgbench: $(tail -n 3 "$work/pgbench.txt")"
  sed -n 's/^tps = \([0-9.]*\).*/\1/p' "$work/pgbench.txt"
}

# Starts a node on a store and waits until it serves; sets start_ms.
start_node() {
  local begin now
  begin=$(date +%s%N)
  "$binary" node --store="$1" --http="127.0.0.1:$http_port" --listen="127.0.0.1:$listen_port" \
    "${node_options[@]}" >"$work/node.log" 2>&1 &
  node_pid=$!
  until curl -sf -o /dev/null "http://127.0.0.1:$http_port/readyz"; do
    kill -0 "$node_pid" 2>/dev/null || fail "the node ended while starting"
    now=$(date +%s%N)
    ((now - begin < 30000000000)) || fail "the node does not serve within 30 s"
    sleep 0.01
  done
  start_ms=$((($(date +%s%N) - begin) / 1000000))
}

load() {
  "$binary" bench orders --url="http://127.0.0.1:$http_port" --duration="${duration}s" --warmup="${warmup}s" \
    --products="$products" "$@"
}

# measure <store's name> <store's URL>: writes $work/<name>.json.
measure() {
  local name=$1 idle after orders failed=0
  echo "measuring $name ..." >&2
  start_node "$2"
  sleep 2
  idle=$(resident_kib)
  load --concurrency="$concurrency" >"$work/$name.accepted.json" || failed=1
  after=$(resident_kib)
  orders=$(number "$work/$name.accepted.json" accepted_in_all)
  load --concurrency="$waiting" --wait=delivered >"$work/$name.delivered.json" || failed=1
  "$binary" bench flash-sale --connect="127.0.0.1:$listen_port" --units="$units" --buyers="$buyers" \
    >"$work/$name.sale.json" || failed=1
  {
    printf '{"start_ms": %s, "idle_kib": %s, "after_kib": %s, "orders_before_after_kib": %s,\n' "$start_ms" "$idle" \
      "$after" "$orders"
    printf '  "accepted": %s,\n  "delivered": %s,\n  "flash_sale": %s}' "$(cat "$work/$name.accepted.json")" \
      "$(cat "$work/$name.delivered.json")" "$(cat "$work/$name.sale.json")"
  } >"$work/$name.json"
  stop_node
  ((failed == 0)) || any_failed=yes
}

row() {
  printf '%-50s %14s %10s\n' "$1" "$2" "${3:-}" >&2
}

table() {
  local name completed reserved
  row "" "per second" "ratio"
  if [[ -n $inserts ]]; then
    row "pgbench, one durable insert, 32 clients" "$inserts" 1
    row "pgbench, one row that 32 clients want" "$hot_row" 1
  fi
  for name in $stores; do
    completed=$(number "$work/$name.accepted.json" completed_per_s)
    row "$name: orders completed, $concurrency clients" "$completed" "${inserts:+$(ratio "$completed" "$inserts")}"
    row "$name: orders sustained to the last one" "$(number "$work/$name.accepted.json" sustained_per_s)"
    row "$name: orders delivered, $waiting waiting clients" "$(number "$work/$name.delivered.json" delivered_per_s)"
    reserved=$(number "$work/$name.sale.json" reserved_per_s)
    row "$name: reservations of one product, $buyers buyers" "$reserved" "${hot_row:+$(ratio "$reserved" "$hot_row")}"
    row "$name: POST p50 / p99 (ms)" "$(number "$work/$name.accepted.json" p50)" "$(number "$work/$name.accepted.json" p99)"
    row "$name: start (ms), idle memory (KiB)" "$(number "$work/$name.json" start_ms)" "$(number "$work/$name.json" idle_kib)"
    row "$name: memory after the orders (KiB)" "$(number "$work/$name.json" after_kib)"
  done
}

pg_url="postgresql://waybill@127.0.0.1:$pg_port"
inserts=
hot_row=
any_failed=
for name in $stores; do
  case $name in
    postgresql)
      echo "measuring pgbench ..." >&2
      start_postgresql
      inserts=$(measure_pgbench)
      hot_row=$(measure_hot_row)
      measure postgresql "$pg_url/waybill"
      as_postgres "$pg_bin/pg_ctl" -D "$work/pg" -m fast -w stop >/dev/null
      pg_running=
      ;;
    sqlite)
      mkdir "$work/sqlite"
      measure sqlite "sqlite:$work/sqlite/waybill.db"
      ;;
    *) fail "there is no store '$name'" ;;
  esac
done

{
  printf '{"cores": %s, "pgbench_inserts_per_s": %s, "pgbench_hot_row_per_s": %s' "$(nproc)" \
    "${inserts:-null}" "${hot_row:-null}"
  for name in $stores; do
    printf ',\n "%s": %s' "$name" "$(cat "$work/$name.json")"
  done
  if [[ -n $inserts ]]; then
    printf ',\n "completed_to_inserts": %s' "$(ratio "$(number "$work/postgresql.accepted.json" completed_per_s)" "$inserts")"
  fi
  printf '}\n'
}
table
[[ -z $any_failed ]] || fail "orders or requests failed; see \"errors\", \"final_in_all\" and \"not_final\" above"
