#!/usr/bin/env bash
# What HTTPS costs at the gateway, and what a change of the gateway costs: CPU time of the node per request, of plain HTTP and
# of HTTPS on kept connections, and per new connection, in turns. Needs wrk and openssl. The table goes to standard output.
# Leaves no process and no file behind. usage: bench/https.sh [--rounds=3] [--seconds=3] [--before=<another waybill binary>]
set -euo pipefail
cd "$(dirname "$0")/.."

source bench/common.sh

rounds=3
seconds=3
before=

for argument in "$@"; do
  case $argument in
    --before=*) before=${argument#*=} ;;
    *) number_option "$argument" rounds seconds || { sed -n '2,4s/^# //p' "$0" >&2 && exit 2; } ;;
  esac
done
for tool in wrk openssl; do
  command -v "$tool" > /dev/null || fail "$tool is missing"
done
begin
declare -A pid=() at=()

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -days 2 \
  -keyout "$work/site.key" -out "$work/site.pem" 2> /dev/null

# start <name> <options...>
start() {
  start_on_sqlite "$@"
  pid[$1]=${pids[-1]}
  at[$1]=$url
}

[[ -z $before ]] || binary=$before start before
start plain
start https --http-tls-certificate="$work/site.pem" --http-tls-key="$work/site.key"

# Clock ticks of the process, user and system.
ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }

# run <what> <node> <path> <wrk's options...>: one line `what requests ticks`.
run() {
  local what=$1 node=$2 path=$3 begin end requests
  shift 3
  begin=$(ticks "${pid[$node]}")
  requests=$(wrk -t1 "-d${seconds}s" "$@" "${at[$node]}$path" | sed -n 's/^ *\([0-9]*\) requests in.*/\1/p')
  end=$(ticks "${pid[$node]}")
  echo "$what $requests $((end - begin))" >> "$work/lines"
}

for _ in $(seq "$rounds"); do
  [[ -z $before ]] || run "before:GET_/healthz" before /healthz -c32
  run "plain:GET_/healthz" plain /healthz -c32
  run "https:GET_/healthz" https /healthz -c32
  [[ -z $before ]] || run "before:GET_/v1/products" before /v1/products -c32
  run "plain:GET_/v1/products" plain /v1/products -c32
  run "https:GET_/v1/products" https /v1/products -c32
  run "plain:new_connection" plain /healthz -c8 -H 'Connection: close'
  run "https:new_connection" https /healthz -c8 -H 'Connection: close'
done

echo "| what | requests | CPU each, µs (lowest and highest round) |"
echo "|---|---|---|"
awk -v tick="$(getconf CLK_TCK)" '
  { each = $3 / tick * 1e6 / $2; sum[$1] += $3 / tick * 1e6; n[$1] += $2
    if (!($1 in low) || each < low[$1]) low[$1] = each
    if (each > high[$1]) high[$1] = each
    if (!($1 in seen)) { seen[$1]; order[++count] = $1 } }
  END { for (i = 1; i <= count; i++) { k = order[i]; name = k; sub(/:/, ", ", name); gsub(/_/, " ", name)
        printf "| %s | %d | %.1f (%.1f to %.1f) |\n", name, n[k], sum[k] / n[k], low[k], high[k] } }' "$work/lines"
echo
echo "load of the machine: $(cut -d' ' -f1-3 /proc/loadavg), on $(nproc) cores"
