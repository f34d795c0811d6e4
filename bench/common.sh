# shellcheck shell=bash
# Sourced by the scripts of this folder, which run from the source's root: a PostgreSQL server of their own, nodes, and an end
# that leaves no process and no file behind.

binary=${binary:-$PWD/build/release/waybill}
# Couriers and the payment provider answer at once; nothing else is switched off.
without_delays=(
  --couriers=2000 --courier-shortest-delay=0ms --courier-longest-delay=0ms
  --courier-decline-percent=0 --courier-abort-percent=0 --courier-vanish-percent=0
  --provider-shortest-delay=0ms --provider-longest-delay=0ms
)
work=
pids=()
pg_bin=
pg_url=
pg_running=

fail() {
  echo "bench/${0##*/}: $*" >&2
  exit 1
}

# number_option <--name=value> <names>...: sets the variable of one of the names (`-` is `_`); false for other options.
number_option() {
  local option=$1 name=${1%%=*}
  name=${name#--}
  shift
  [[ " $* " == *" $name "* ]] || return 1
  [[ ${option#*=} =~ ^[0-9]+$ ]] || fail "$option: expected a whole number"
  printf -v "${name//-/_}" '%s' "${option#*=}"
}

# begin <ports>...: call once, after the options are read.
begin() {
  local port candidate
  [[ -x $binary ]] || fail "there is no $binary; build it first"
  for port in "$@"; do
    if (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then
      fail "something listens on port $port already"
    fi
  done
  for candidate in /usr/lib/postgresql/15/bin "$(dirname "$(command -v pg_ctl || echo .)")"; do
    if [[ -x $candidate/initdb ]]; then
      pg_bin=$candidate
      break
    fi
  done
  work=$(mktemp -d "${TMPDIR:-/tmp}/waybill-bench.XXXXXX")
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

clean_up() {
  local code=$? log
  trap - EXIT
  if ((code != 0)); then
    for log in "$work"/*.log; do
      [[ ! -s $log ]] || { echo "the last lines of ${log##*/}:" && tail -n 10 "$log"; } >&2
    done
  fi
  for pid in "${pids[@]}"; do
    kill -KILL "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
  done
  [[ -z $pg_running ]] || as_postgres "$pg_bin/pg_ctl" -D "$work/pg" -m immediate -w stop > /dev/null 2>&1 || true
  rm -rf "$work"
  exit "$code"
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if [[ $(id -u) == 0 ]]; then
    (cd "$work" && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

# start_postgresql <port>: with fsync and synchronous_commit, on the loopback interface only; sets pg_url.
start_postgresql() {
  [[ -n $pg_bin ]] || fail "PostgreSQL's programs are not installed"
  mkdir "$work/pg"
  if [[ $(id -u) == 0 ]]; then
    chmod 711 "$work"
    chown postgres "$work/pg"
  fi
  as_postgres "$pg_bin/initdb" -D "$work/pg" -U waybill --auth=trust -E UTF8 > "$work/initdb.log" 2>&1 || fail "initdb failed"
  as_postgres "$pg_bin/pg_ctl" -D "$work/pg" -l "$work/pg/server.log" -w -t 60 \
    -o "-p $1 -c listen_addresses=127.0.0.1 -c unix_socket_directories=" start > /dev/null \
    || fail "PostgreSQL does not start"
  pg_running=yes
  pg_url=postgresql://waybill@127.0.0.1:$1
}

stop_postgresql() {
  as_postgres "$pg_bin/pg_ctl" -D "$work/pg" -m fast -w stop > /dev/null
  pg_running=
}

# start_node <name> <options>...: in the background, its log in $work/<name>.log.
start_node() {
  local name=$1
  shift
  "$binary" node "${without_delays[@]}" "$@" > "$work/$name.log" 2>&1 &
  pids+=($!)
}

# start_on_sqlite <name> <options>...: as start_node, with a database and a free port of its own; when it serves, sets url.
start_on_sqlite() {
  local name=$1
  shift
  start_node "$name" --store="sqlite:$work/$name.db" --http=127.0.0.1:0 --listen=127.0.0.1:0 --log-format=text "$@"
  for _ in $(seq 300); do
    url=$(sed -n 's/.*answers HTTP on \(http.*\)/\1/p' "$work/$name.log" 2> /dev/null || true)
    [[ -z $url ]] || return 0
    sleep 0.1
  done
  fail "the node does not serve within 30 s"
}

# await_ready <http port>: until that gateway reaches a node of every role.
await_ready() {
  local now begin pid
  begin=$(date +%s%N)
  until curl -sf -o /dev/null "http://127.0.0.1:$1/readyz"; do
    for pid in "${pids[@]}"; do
      kill -0 "$pid" 2> /dev/null || fail "a node ended while starting"
    done
    now=$(date +%s%N)
    ((now - begin < 60000000000)) || fail "the nodes do not serve within 60 s"
    sleep 0.01
  done
}

# SIGTERM to all nodes; one that does not end within 30 s or ends with a failure is a failure.
end_nodes() {
  local pid waited code ending=("${pids[@]}")
  pids=()
  ((${#ending[@]} == 0)) || kill -TERM "${ending[@]}" 2> /dev/null || true
  for pid in "${ending[@]}"; do
    waited=0
    while kill -0 "$pid" 2> /dev/null; do
      if ((++waited > 300)); then
        kill -KILL "${ending[@]}" 2> /dev/null || true
        fail "a node did not end within 30 s of SIGTERM"
      fi
      sleep 0.1
    done
    code=0
    wait "$pid" 2> /dev/null || code=$?
    ((code == 0)) || fail "a node ended with $code"
  done
}

# at_rest <database>: until no order is under way.
at_rest() {
  for _ in $(seq 1200); do
    [[ $(psql -At "$pg_url/$1" -c "select count(*) from entities where unfinished") != 0 ]] || return 0
    sleep 0.1
  done
  fail "orders are still under way"
}

# Milliseconds of CPU that all nodes have used.
cpu_ms() {
  local pid total=0
  for pid in "${pids[@]}"; do
    total=$((total + $(awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$pid/stat")))
  done
  echo $((total * 1000 / $(getconf CLK_TCK)))
}

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
