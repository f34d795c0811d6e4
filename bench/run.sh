#!/usr/bin/env bash
# The comparison in one run: pgbench's durable single-row insert and its race for one row, Waybill's orders and its flash
# sale on the same PostgreSQL, Waybill on SQLite.
# JSON goes to standard output, a table to standard error. Leaves no process and no file behind.
set -euo pipefail
cd "$(dirname "$0")/.."

source bench/common.sh

duration=20
warmup=3
concurrency=64
waiting=32
products=16
units=100000
buyers=1000
stores="postgresql sqlite"
profile=
http_port=4790
listen_port=4791
pg_port=4792

usage() {
  cat <<END
usage: bench/run.sh [--duration=$duration] [--warmup=$warmup] (seconds) [--concurrency=$concurrency] [--waiting=$waiting]
                    [--products=$products] [--units=$units] [--buyers=$buyers] [--stores="$stores"] [--binary=$binary]
                    [--http-port=$http_port] [--listen-port=$listen_port] [--pg-port=$pg_port] [--profile=<folder>]
--concurrency: clients that send orders one after the other; --waiting: clients that wait for each delivery;
--units, --buyers: of the flash sale; --profile: perf (Debian: linux-perf) watches the node while orders are placed, and
a flame graph is written to <folder>/<store>.svg. It takes time, so rates of such a run mean nothing.
END
}

for argument in "$@"; do
  case $argument in
    --stores=*) stores=${argument#*=} ;;
    --binary=*) binary=${argument#*=} ;;
    --profile=*) profile=${argument#*=} ;;
    --help) usage && exit 0 ;;
    *)
      number_option "$argument" duration warmup concurrency waiting products units buyers http-port listen-port pg-port \
        || { usage >&2 && exit 2; }
      ;;
  esac
done
[[ -z $profile ]] || command -v perf >/dev/null || fail "--profile needs perf: apt-get install linux-perf"
begin "$http_port" "$listen_port" "$pg_port"

resident_kib() {
  awk '/^VmRSS:/ { print $2 }' "/proc/${pids[0]}/status"
}

# pgbench_rate <statements>: transactions per second of 32 clients.
pgbench_rate() {
  printf '%s\n' "$1" >"$work/pgbench.sql"
  pgbench -n -M prepared -c 32 -j 2 -T "$duration" -f "$work/pgbench.sql" "$pg_url/yardstick" >"$work/pgbench.txt" 2>&1 \
    || fail "pgbench: $(tail -n 3 "$work/pgbench.txt")"
  sed -n 's/^tps = \([0-9.]*\).*/\1/p' "$work/pgbench.txt"
}

measure_pgbench() {
  psql -q "$pg_url/postgres" -c 'create database yardstick'
  psql -q "$pg_url/yardstick" -c 'create table t(id bigserial primary key, v int not null)' \
    -c 'create table stock(id int primary key, n int not null)' -c 'insert into stock values (1, 1000000000)'
  inserts=$(pgbench_rate '\set v random(1, 1000000)
insert into t(v) values (:v);')
  hot_row=$(pgbench_rate 'update stock set n = n - 1 where id = 1 and n > 0;')
}

load() {
  "$binary" bench orders --url="http://127.0.0.1:$http_port" --duration="${duration}s" --warmup="${warmup}s" \
    --products="$products" "$@"
}

# record_profile: of the node, from the end of the warm-up; 99 stacks a second of each core.
record_profile() {
  sleep "$warmup"
  exec perf record -q -e cpu-clock -F 99 --call-graph=dwarf,16384 -o "$work/perf.data" -p "${pids[0]}" -- sleep "$duration"
}

# draw_profile <store's name>
draw_profile() {
  mkdir -p "$profile"
  perf script --no-inline -i "$work/perf.data" 2>"$work/perf.log" \
    | bench/profile/flame_graph.py "a node on $1 that takes orders of $concurrency clients" >"$profile/$1.svg" \
    || fail "no profile: $(tail -n 1 "$work/perf.log")"
}

# measure <store's name> <store's URL>: writes $work/<name>.json.
measure() {
  local name=$1 begin start_ms idle after orders failed=0 recording
  echo "measuring $name ..." >&2
  begin=$(date +%s%N)
  start_node node --store="$2" --http="127.0.0.1:$http_port" --listen="127.0.0.1:$listen_port"
  await_ready "$http_port"
  start_ms=$((($(date +%s%N) - begin) / 1000000))
  sleep 2
  idle=$(resident_kib)
  if [[ -n $profile ]]; then
    record_profile &
    recording=$!
  fi
  load --concurrency="$concurrency" >"$work/$name.accepted.json" || failed=1
  if [[ -n $profile ]]; then
    wait "$recording" || fail "perf cannot watch the node"
    draw_profile "$name"
  fi
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
  end_nodes
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

inserts=
hot_row=
any_failed=
for name in $stores; do
  case $name in
    postgresql)
      echo "measuring pgbench ..." >&2
      start_postgresql "$pg_port"
      psql -q "$pg_url/postgres" -c 'create database waybill'
      measure_pgbench
      measure postgresql "$pg_url/waybill"
      stop_postgresql
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
