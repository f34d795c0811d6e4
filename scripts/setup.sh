#!/usr/bin/env bash
# Installs what is missing to build and test Waybill: the Debian packages of scripts/packages.txt, npm if there is none, CAF,
# and what scripts/npm, web and clients/typescript name in their package.json. Safe to repeat; does nothing, within a second, when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

step="setup"
trap 'echo "setup.sh: failed: $step" >&2' ERR

log=$(mktemp)
# What is in the way of others once the packages are there.
made=()
clean_up() {
  rm -f "$log"
  [ "${#made[@]}" -eq 0 ] || as_root rm -f "${made[@]}"
}
trap clean_up EXIT

missing_packages() {
  local package
  while read -r package; do
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' scripts/packages.txt)
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

quietly() {
  "$@" > "$log" 2>&1 || { cat "$log" >&2; return 1; }
}

install_packages() {
  local options=(--yes --quiet --no-install-recommends -o Dpkg::Options::=--force-confold)
  # The package lists may be absent or old: they are fetched only when the packages cannot be had without.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "$@" > "$log" 2>&1 && return
  step="updating the package lists (apt-get update)"
  quietly as_root apt-get update --quiet
  step="installing $*"
  quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "$@"
}

# The tests start servers of their own: those of these packages are not started, neither now nor with the machine.
servers=(pgbouncer postgresql-15 prometheus rabbitmq-server redis-server)
policy=/usr/sbin/policy-rc.d

forbid_servers() {
  # PostgreSQL's package would also make a database.
  local no_cluster=/etc/postgresql-common/createcluster.d/waybill-setup.conf
  made+=("$no_cluster")
  as_root mkdir -p "$(dirname "$no_cluster")"
  echo "create_main_cluster = false" | as_root tee "$no_cluster" > /dev/null
  [ ! -e "$policy" ] || return 0
  made+=("$policy")
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" > /dev/null
  as_root chmod 755 "$policy"
}

# Of the packages that have just come; who had one keeps it as it is.
disable_servers() {
  local server
  command -v systemctl > /dev/null || return 0
  for server in "${servers[@]}"; do
    # PostgreSQL's starts nothing without a database.
    [ "$server" != postgresql-15 ] || continue
    if [[ " $* " == *" $server "* ]]; then quietly as_root systemctl disable "$server"; fi
  done
}

mapfile -t missing < <(missing_packages)
# Any npm will do, also one that is not Debian's.
command -v npm > /dev/null || missing+=(npm)
if [ "${#missing[@]}" -gt 0 ]; then
  step="installing ${missing[*]}"
  echo "setup: installing ${missing[*]}"
  command -v apt-get > /dev/null || { echo "setup.sh: this needs Debian 12 (there is no apt-get); missing: ${missing[*]}" >&2; exit 1; }
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo > /dev/null; then
    echo "setup.sh: run it as root, or install sudo; missing: ${missing[*]}" >&2
    exit 1
  fi
  for package in "${missing[@]}"; do
    if [[ " ${servers[*]} " == *" $package "* ]]; then forbid_servers; break; fi
  done
  install_packages "${missing[@]}"
  disable_servers "${missing[@]}"
fi

# Beside CAF, for which the network is not needed. Where npm reaches no registry all but Swagger UI under /docs, the
# linter in the tests, the pages of web/ and the tests of clients/typescript is there; it has said so.
scripts/npm.sh > /dev/null &
npm=$!
scripts/npm.sh --web > /dev/null &
web=$!
scripts/npm.sh --client > /dev/null &
client=$!

step="building CAF"
scripts/build-caf.sh > /dev/null

wait "$npm" || true
wait "$web" || true
wait "$client" || true
