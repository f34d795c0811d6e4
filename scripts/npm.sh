#!/usr/bin/env bash
# Fetches the npm packages that Waybill uses (scripts/npm/package.json: Swagger UI for /docs, and the linter of the API
# documents for the tests), once, into a folder outside the source tree. npm checks each against the hash in
# package-lock.json and runs none of their scripts; it asks the registry that it is configured for. Prints the folder on
# standard output; everything else goes to standard error.
#
#   npm.sh            fetches what is missing; without npm or without a registry it says so, and fails
#   npm.sh --ui       only what is compiled in, not the linter
#   npm.sh --where    fetches nothing
#
#   WAYBILL_NPM_PREFIX   where to put them (default: ${XDG_CACHE_HOME:-$HOME/.cache}/waybill/npm-<hash of the lock file>)
set -euo pipefail
source=$(cd "$(dirname "$0")/npm" && pwd)
lock=$(sha256sum "$source/package-lock.json" | cut -c1-12)
prefix=${WAYBILL_NPM_PREFIX:-${XDG_CACHE_HOME:-$HOME/.cache}/waybill/npm-$lock}
patience_s=600

say() { echo "npm: $*" >&2; }

if [ "${1:-}" = --where ]; then
  echo "$prefix"
  exit 0
fi
wanted=all omit=()
if [ "${1:-}" = --ui ]; then
  wanted=ui omit=(--omit=dev)
fi
if [ -f "$prefix/.complete-$wanted" ] || [ -f "$prefix/.complete-all" ]; then
  echo "$prefix"
  exit 0
fi
command -v npm > /dev/null || { say "there is no npm: no Swagger UI under /docs, no linter in the tests"; exit 1; }

say "fetching the packages of scripts/npm/package.json into $prefix (only once)"
mkdir -p "$(dirname "$prefix")"
work=$(mktemp -d "$prefix.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cp "$source/package.json" "$source/package-lock.json" "$work"
if ! (cd "$work" && timeout "$patience_s" npm ci --ignore-scripts --no-audit --no-fund "${omit[@]}" > log 2>&1); then
  tail -n 5 "$work/log" >&2
  say "could not fetch them: no Swagger UI under /docs, no linter in the tests; run scripts/setup.sh again once npm works"
  exit 1
fi
touch "$work/.complete-$wanted"
rm -rf "$prefix"
mv "$work" "$prefix"
trap - EXIT
echo "$prefix"
