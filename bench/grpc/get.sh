#!/usr/bin/env bash
# What the gRPC door costs: looks at one order over HTTP and over gRPC, in turns, at a node with one gateway thread, on SQLite: calls per
# second, and CPU time of the node per call; and a health check, which gRPC's library answers by itself. Needs wrk, and the target
# waybill_bench_grpc. The table goes to standard output. Leaves no process and no file behind.
# usage: bench/grpc/get.sh [--rounds=5] [--seconds=4] [--connections=32]
set -euo pipefail
cd "$(dirname "$0")/../.."

source bench/common.sh

rounds=5
seconds=4
connections=32

for argument in "$@"; do
  number_option "$argument" rounds seconds connections || { sed -n '2,6s/^# //p' "$0" >&2 && exit 2; }
done
for tool in wrk curl jq build/release/waybill_bench_grpc; do
  command -v "$tool" > /dev/null || fail "$tool is missing"
done
begin

start_on_sqlite node --http-threads=1 --http-rate-reads=off --grpc=127.0.0.1:0 --grpc-max-streams=1000
door=$(sed -n 's/.*answers gRPC on \([0-9.:]*\).*/\1/p' "$work/node.log")
node=${pids[-1]}
post() { curl -sf "$url$1" -H 'Content-Type: application/json' -H 'Prefer: wait=30' -d "$2"; }
product=$(post /v1/products '{"sku":"read","name":"Read","price":{"amount":1299,"currency":"EUR"},"on_hand":10}' | jq -r .id)
order=$(post /v1/orders "{\"lines\":[{\"product_id\":\"$product\",\"quantity\":1}],\"payment\":{\"method\":\"card\",\"token\":\"tok_ok\"},
  \"delivery\":{\"name\":\"Bench\",\"address\":\"Main Street 1 [couriers: complete]\"}}" | jq -r .id)
until [[ $(curl -sf "$url/v1/orders/$order" | jq -r .status) == completed ]]; do sleep 0.1; done

# In hundredths of a second, which is the unit of the kernel.
cpu_of_node() { awk '{ print $14 + $15 }' "/proc/$node/stat"; }
over_http() { wrk -t1 -c"$connections" -d"${seconds}s" "$url/v1/orders/$order" | awk '/Requests\/sec/ { print int($2) }'; }
over_grpc() { build/release/waybill_bench_grpc "$door" "$order" "$connections" "$seconds"; }
over_health() { build/release/waybill_bench_grpc "$door" health "$connections" "$seconds"; }

echo "| round | HTTP/s | us of CPU | gRPC/s | us of CPU | rate of HTTP's | gRPC's health/s | us of CPU |"
echo "|---|---|---|---|---|---|---|---|"
for round in $(seq "$rounds"); do
  declare -A rate=() cost=()
  for kind in http grpc health; do
    before=$(cpu_of_node)
    rate[$kind]=$("over_$kind")
    cost[$kind]=$(awk -v spent=$(($(cpu_of_node) - before)) -v rate="${rate[$kind]}" -v seconds="$seconds" \
      'BEGIN { printf "%.1f", spent * 10000 / (rate * seconds) }')
  done
  echo "| $round | ${rate[http]} | ${cost[http]} | ${rate[grpc]} | ${cost[grpc]} | $(awk -v a="${rate[grpc]}" -v b="${rate[http]}" \
    'BEGIN { printf "%.2f", a / b }') | ${rate[health]} | ${cost[health]} |"
done
