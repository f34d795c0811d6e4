#!/usr/bin/env bash
# Installs what is missing to build and test Waybill: the Debian packages of scripts/packages.txt, npm if there is none, CAF,
# and what scripts/npm, web and clients/typescript name in their package.json. Safe to repeat; does nothing, within a second, when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

step="setup"
trap 'echo "setup.sh: failed: $step" >&2' ERR

log=$(mktemp)
trap 'rm -f "$log"' EXIT

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
  # Tests start a PostgreSQL of their own: the package need not start one.
  no_cluster=/etc/postgresql-common/createcluster.d/waybill-setup.conf
  if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then
    as_root mkdir -p "$(dirname "$no_cluster")"
    echo "create_main_cluster = false" | as_root tee "$no_cluster" > /dev/null
    trap 'rm -f "$log"; as_root rm -f "$no_cluster"' EXIT
  fi
  install_packages "${missing[@]}"
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
