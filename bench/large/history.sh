#!/usr/bin/env bash
# How long a product takes to be loaded that has sold millions of order lines, beside one that is new; and how long the start
# of the node takes then. The result is JSON, one line for each database. Leaves no process and no file behind.
# usage: bench/large/history.sh [--lines=5000000] [--looks=20] [--stores="postgresql sqlite"] [--binary=build/release/waybill]
set -euo pipefail
cd "$(dirname "$0")/../.."

source bench/common.sh

lines=5000000
looks=20
stores="postgresql sqlite"
http_port=4790
listen_port=4791
pg_port=4792

for argument in "$@"; do
  case $argument in
    --stores=*) stores=${argument#*=} ;;
    --binary=*) binary=${argument#*=} ;;
    *) number_option "$argument" lines looks || { sed -n '2,4s/^# //p' "$0" >&2 && exit 2; } ;;
  esac
done
begin "$http_port" "$listen_port" "$pg_port"

url=http://127.0.0.1:$http_port

# Products leave the memory as soon as they rest: each look loads them again.
start() {
  start_node node --store="$1" --http="127.0.0.1:$http_port" --listen="127.0.0.1:$listen_port" --product-idle=1ms
  await_ready "$http_port"
}

add_product() {
  curl -sf "$url/v1/products" -H 'Content-Type: application/json' \
    -d "{\"sku\": \"$1\", \"name\": \"$1\", \"price\": {\"amount\": 100, \"currency\": \"EUR\"}, \"on_hand\": 10}" \
    | sed 's/.*"id":"\([^"]*\)".*/\1/'
}

# median_ms <product>: of looks that load it; the first one is left out.
median_ms() {
  local i
  for i in $(seq 0 "$looks"); do
    sleep 1.2
    curl -sf -o /dev/null -w '%{time_total}\n' "$url/v1/products/$1" > "$work/look.txt"
    ((i == 0)) || cat "$work/look.txt"
  done | sort -n | awk '{ all[NR] = $1 } END { printf "%.1f", all[int((NR + 1) / 2)] * 1000 }'
}

# What was sold: each line was reserved, and committed two hours later, within the last days.
columns='product_id, order_id, status, quantity, available, expires_at, reserve_by'
past_us=$((($(date +%s) - 8 * 86400) * 1000000))
values="2, 1, 0, $past_us + 7200000000 + i * 100000, $past_us + i * 100000"

write_history() {
  if [[ $1 == postgresql:* ]]; then
    psql -q "$1" -c "insert into closed_reservations ($columns) select '$2', 'ord_' || lpad(i::text, 20, '0'), $values
      from generate_series(1::bigint, $lines) as g(i)" -c 'vacuum analyze'
  else
    python3 - "${1#sqlite:}" "$2" <<END
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("""insert into closed_reservations ($columns) with recursive g(i) as (select 1 union all select i + 1 from g
  where i < $lines) select ?, printf('ord_%020d', i), $values from g""", (sys.argv[2],))
database.commit()
END
  fi
}

measure() {
  local name=$1 store=$2 old new begin start_ms
  echo "measuring $name ..." >&2
  start "$store"
  old=$(add_product old)
  new=$(add_product new)
  end_nodes
  write_history "$store" "$old"
  begin=$(date +%s%N)
  start "$store"
  start_ms=$((($(date +%s%N) - begin) / 1000000))
  printf '{"store": "%s", "lines": %s, "start_ms": %s, "new_product_ms": %s, "old_product_ms": %s}\n' \
    "$name" "$lines" "$start_ms" "$(median_ms "$new")" "$(median_ms "$old")"
  end_nodes
}

for store in $stores; do
  case $store in
    sqlite) measure sqlite "sqlite:$work/history.db" ;;
    postgresql)
      start_postgresql "$pg_port"
      psql -q "$pg_url/postgres" -c 'create database history'
      measure postgresql "$pg_url/history"
      stop_postgresql
      ;;
    *) fail "there is no store $store" ;;
  esac
done
