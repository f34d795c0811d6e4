#!/usr/bin/env bash
# Fetches the npm packages that Waybill uses, once, into a folder outside the source tree: those of scripts/npm (Swagger UI for
# /docs, and the linter of the API documents for the tests), those of web (what the browser clients are made of and with), or those
# of clients/typescript (the compiler). npm checks each against the hash in package-lock.json and runs none of their scripts; it asks
# the registry that it is configured for. Prints the folder on standard output; everything else goes to standard error.
#
#   npm.sh                     fetches what is missing; without npm or without a registry it says so, and fails
#   npm.sh --ui                only what is compiled in, not the linter
#   npm.sh --web               the packages of web/, and links them as web/node_modules
#   npm.sh --client            the same for clients/typescript
#   npm.sh [--web|--client] --where     fetches nothing
#
#   WAYBILL_NPM_PREFIX   where to put them (default: ${XDG_CACHE_HOME:-$HOME/.cache}/waybill/npm-<hash of the lock file>)
#   WAYBILL_WEB_PREFIX, WAYBILL_CLIENT_PREFIX   the same for the others (default: .../web-<hash of the lock file>, .../typescript-...)
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/waybill
patience_s=600

say() { echo "npm: $*" >&2; }

wanted=all omit=()
case ${1:-} in
  --web) wanted=web; shift ;;
  --client) wanted=client; shift ;;
  --ui) wanted=ui omit=(--omit=dev); shift ;;
esac
case $wanted in
  web) source=$root/web given=${WAYBILL_WEB_PREFIX:-} without="no pages under /shop, /courier, /console and /scenarios" ;;
  client) source=$root/clients/typescript given=${WAYBILL_CLIENT_PREFIX:-} without="no tests of clients/typescript" ;;
  *) source=$root/scripts/npm given=${WAYBILL_NPM_PREFIX:-} without="no Swagger UI under /docs, no linter in the tests" ;;
esac
kind=$(basename "$source")
prefix=${given:-$cache/$kind-$(sha256sum "$source/package-lock.json" | cut -c1-12)}

# Where editors, the compiler of TypeScript and Vite look for packages.
link() {
  [ "$wanted" = web ] || [ "$wanted" = client ] || return 0
  [ "$(readlink "$source/node_modules")" = "$prefix/node_modules" ] || ln -sfn "$prefix/node_modules" "$source/node_modules"
}

if [ "${1:-}" = --where ]; then
  echo "$prefix"
  exit 0
fi
if [ -f "$prefix/.complete-$wanted" ] || [ -f "$prefix/.complete-all" ]; then
  link
  echo "$prefix"
  exit 0
fi
command -v npm > /dev/null || { say "there is no npm: $without"; exit 1; }

say "fetching the packages of ${source#"$root"/}/package.json into $prefix (only once)"
mkdir -p "$(dirname "$prefix")"
work=$(mktemp -d "$prefix.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cp "$source/package.json" "$source/package-lock.json" "$work"
if ! (cd "$work" && timeout "$patience_s" npm ci --ignore-scripts --no-audit --no-fund "${omit[@]}" > log 2>&1); then
  tail -n 5 "$work/log" >&2
  say "could not fetch them: $without; run scripts/setup.sh again once npm works"
  exit 1
fi
touch "$work/.complete-$wanted"
rm -rf "$prefix"
mv "$work" "$prefix"
trap - EXIT
link
echo "$prefix"
