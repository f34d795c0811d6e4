#!/usr/bin/env bash
# What the gateway costs: reads of one order with a token against nginx that answers a constant body of the same size, each with
# one worker thread, and orders placed with a token against orders placed without; in turns, on SQLite. Needs wrk and nginx.
# The table goes to standard output. Leaves no process and no file behind.
# usage: bench/gateway.sh [--rounds=5] [--seconds=4] [--connections=32]
set -euo pipefail
cd "$(dirname "$0")/.."

source bench/common.sh

rounds=5
seconds=4
connections=32

for argument in "$@"; do
  number_option "$argument" rounds seconds connections || { sed -n '2,5s/^# //p' "$0" >&2 && exit 2; }
done
for tool in wrk nginx curl; do
  command -v "$tool" > /dev/null || [[ -x /usr/sbin/$tool ]] || fail "$tool is missing"
done
begin
PATH=$PATH:/usr/sbin

declare -A at=()
password=$(head -c 18 /dev/urandom | base64)

# start <name> <options>...: with one gateway thread, which limits nobody.
start() {
  local name=$1
  shift
  WAYBILL_ADMIN_PASSWORD=$password start_on_sqlite "$name" --http-threads=1 --http-rate-reads=off --http-rate-writes=off \
    --admin-email=bench@localhost "$@"
  at[$name]=$url
}

# field <name>: a string of the JSON on standard input.
field() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d'"' -f4; }

# post <node> <path> <body> [<header>]: the answer, which must be a success.
post() {
  curl -sf "${at[$1]}$2" -H 'Content-Type: application/json' ${4:+-H "$4"} -d "$3" || fail "POST $2 was refused"
}

# log_in <node>: sets token; an access token is valid for a quarter of an hour.
log_in() {
  token=$(post "$1" /v1/auth/login "{\"email\":\"bench@localhost\",\"password\":\"$password\"}" | field access_token)
}

start signed --auth=required
start open --auth=demo
log_in signed
bearer="Authorization: Bearer $token"
product=$(post signed /v1/products '{"sku":"read","name":"Read","price":{"amount":1299,"currency":"EUR"},"on_hand":10}' "$bearer" | field id)
order=$(curl -sf "${at[signed]}/v1/orders" -H "$bearer" -H 'Content-Type: application/json' -H 'Prefer: wait=30' -d "{\"lines\":[{
  \"product_id\":\"$product\",\"quantity\":1}],\"payment\":{\"method\":\"card\",\"token\":\"tok_ok\"},\"delivery\":{\"name\":\"Bench\",
  \"address\":\"Main Street 1 [couriers: complete]\"}}" | field id)
for _ in $(seq 300); do
  curl -sf "${at[signed]}/v1/orders/$order" -H "$bearer" -o "$work/order.json"
  ! grep -q '"status":"completed"' "$work/order.json" || break
  sleep 0.1
done

# A constant answer of the same size from memory, with the headers that nginx sends of its own.
listen=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
{
  echo "daemon off; master_process off; pid $work/nginx.pid; error_log $work/nginx.log;"
  echo "events { worker_connections 1024; }"
  echo "http { access_log off; keepalive_requests 1000000000; default_type application/json;"
  for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $work/nginx.$kind;"; done
  echo "server { listen 127.0.0.1:$listen; location / { return 200 '$(cat "$work/order.json")'; } } }"
} > "$work/nginx.conf"
nginx -c "$work/nginx.conf" -e "$work/nginx.log" &
pids+=($!)
at[nginx]=http://127.0.0.1:$listen
for _ in $(seq 100); do
  ! curl -sf -o "$work/constant.json" "${at[nginx]}/" || break
  sleep 0.1
done
cmp -s "$work/order.json" "$work/constant.json" || fail "nginx does not answer with the order"

# read_per_s <node> <path> <wrk's options>...
read_per_s() {
  local where=$1 path=$2
  shift 2
  wrk -t1 "-c$connections" "-d${seconds}s" "$@" "${at[$where]}$path" > "$work/wrk.txt"
  ! grep -E 'Non-2xx|Socket errors' "$work/wrk.txt" >&2 || fail "reads failed"
  sed -n 's/^Requests\/sec: *//p' "$work/wrk.txt"
}

# orders_per_s <node> <options>...
orders_per_s() {
  local where=$1
  shift
  "$binary" bench orders --url="${at[$where]}" --concurrency=64 --duration="${seconds}s" --warmup=1s "$@" > "$work/orders.json" \
    || fail "orders failed: $(cat "$work/orders.json")"
  number "$work/orders.json" completed_per_s
}

for _ in $(seq "$rounds"); do
  echo "constant $(read_per_s nginx /)" >> "$work/lines"
  echo "order $(read_per_s signed "/v1/orders/$order" -H "$bearer")" >> "$work/lines"
  echo "version $(read_per_s signed /version)" >> "$work/lines"
done
for _ in $(seq "$rounds"); do
  log_in signed
  echo "without $(orders_per_s open)" >> "$work/lines"
  echo "with $(orders_per_s signed --token="$token")" >> "$work/lines"
done

median() { grep "^$1 " "$work/lines" | cut -d' ' -f2 | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
range() { grep "^$1 " "$work/lines" | cut -d' ' -f2 | sort -n | sed -n '1p;$p' | paste -sd' ' | sed 's/ / to /'; }
row() { printf '| %s | %s | %s | %s |\n' "$1" "$(median "$2")" "$(range "$2")" "$3"; }
echo "| median of $rounds rounds of $seconds s | per second | lowest to highest | ratio |"
echo "|---|---|---|---|"
row "nginx, constant body of $(wc -c < "$work/order.json") octets, $connections connections" constant 1
row "GET of one order with a token" order "$(ratio "$(median order)" "$(median constant)")"
row "GET /version (no token, no actor)" version "$(ratio "$(median version)" "$(median constant)")"
row "orders completed, no token" without 1
row "orders completed, with a token" with "$(ratio "$(median with)" "$(median without)")"
echo
echo "load of the machine: $(cut -d' ' -f1-3 /proc/loadavg), on $(nproc) cores"
