#!/usr/bin/env bash
# Orders that wait for a courier: what a node with so many of them needs at rest, and how it serves. They are copies, made by
# SQL, of one that was placed. PostgreSQL of its own. The result is JSON. Leaves no process and no file behind.
# usage: bench/large/waiting.sh [--orders=1000000] [--seconds=60]
set -euo pipefail
cd "$(dirname "$0")/../.."

source bench/common.sh

orders=1000000
seconds=60

for argument in "$@"; do
  number_option "$argument" orders seconds || { sed -n '2,4s/^# //p' "$0" >&2 && exit 2; }
done
http_port=4090
begin 5490 $http_port
start_postgresql 5490
as_postgres "$pg_bin/createdb" -h 127.0.0.1 -p 5490 -U waybill waiting
url=http://127.0.0.1:$http_port

# serve <name>: a node with real couriers, of whom there are none.
serve() {
  start_node "$1" --store="$pg_url/waiting" --http=127.0.0.1:$http_port --listen=127.0.0.1:0 --log-format=text \
    --courier-pool=real --http-rate-writes=off --http-rate-reads=off --delivery-find-within=24h --order-deliver-deadline=30h \
    --audit=off
  await_ready $http_port
}

# field <name>: of the JSON on standard input.
field() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

place() {
  curl -sf "$url/v1/orders" -H "Idempotency-Key: $1" --json \
    "{\"lines\": [{\"product_id\": \"$product\", \"quantity\": 1}], \"payment\": {\"method\": \"card\", \"token\": \"tok_ok\"},
      \"delivery\": {\"name\": \"Ada\", \"address\": \"Main Street 1\"}}"
}

memory() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/${pids[0]}/status"; }

milliseconds() { echo $((($(date +%s%N) - $1) / 1000000)); }

sql() { psql -qAt "$pg_url/waiting" -v ON_ERROR_STOP=1 -c "$1"; }

serve first
product=$(curl -sf "$url/v1/products" --json \
  '{"sku": "SKU-1", "name": "thing", "price": {"amount": 1000, "currency": "EUR"}, "on_hand": 1000000}' | field id)
order=$(place first | field id)
suffix=${order#ord_}
# Until the order, its payment and its delivery have left the memory.
for _ in $(seq 300); do
  [[ $(sql "select count(*) from entities where id in ('ord_$suffix', 'dlv_$suffix') and due_at > 0
            or id = 'pay_$suffix' and not unfinished") == 3 ]] && break
  sleep 0.2
done
end_nodes

begun=$(date +%s%N)
# Ids have twenty characters behind the prefix. The shards need not be right: the node owns them all.
copies="(select i, lpad(i::text, 20, '0') as suffix from generate_series(1, $orders) i) n"
sql "insert into entities (id, kind, shard, version, schema, state, unfinished, due_at, in_line)
       select replace(e.id, '$suffix', n.suffix), e.kind, n.i % 1024, e.version, e.schema,
              replace(e.state, '$suffix', n.suffix), e.unfinished, e.due_at + n.i, e.in_line
       from entities e, $copies where e.id in ('ord_$suffix', 'pay_$suffix', 'dlv_$suffix')"
sql "insert into orders select 'ord_' || n.suffix, o.customer_id, o.status, o.created_at + n.i from orders o, $copies where o.id = '$order'"
sql "insert into deliveries select 'dlv_' || n.suffix, d.courier_id, d.status, d.created_at + n.i
       from deliveries d, $copies where d.id = 'dlv_$suffix'"
sql "vacuum analyze"
filled=$(milliseconds "$begun")

begun=$(date +%s%N)
serve second
start=$(milliseconds "$begun")
at_start=$(memory)
sleep 10
cpu_before=$(cpu_ms)
calls() { curl -s "$url/metrics" | awk '/^waybill_entities_active\{/ { n += $2 } END { print n + 0 }'; }
sleep "$seconds"
cpu=$(($(cpu_ms) - cpu_before))
at_rest_kib=$(memory)
active=$(calls)
copy=ord_$(printf '%020d' $((orders / 2)))
begun=$(date +%s%N)
curl -sf -o /dev/null "$url/v1/orders/$copy"
read_ms=$(milliseconds "$begun")
begun=$(date +%s%N)
for i in $(seq 50); do
  place "more-$i" > /dev/null || fail "order $i was refused"
done
placed=$(milliseconds "$begun")
sleep 20
printf '{"orders": %s, "fill_ms": %s, "start_ms": %s, "start_kib": %s, "rest_kib": %s, "rest_cpu_ms_a_second": %s, ' \
  "$orders" "$filled" "$start" "$at_start" "$at_rest_kib" "$(ratio "$cpu" "$seconds")"
printf '"active": %s, "read_waiting_ms": %s, "place_50_ms": %s, "end_kib": %s, "active_at_end": %s}\n' \
  "$active" "$read_ms" "$placed" "$(memory)" "$(calls)"
end_nodes
stop_postgresql
