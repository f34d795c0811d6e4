#!/usr/bin/env bash
# Builds the browser clients: build.sh <folder>. The files come into <folder>/dist, and <folder>/web_data.cpp compiles them in.
# The packages have been fetched before (scripts/npm.sh --web).
set -euo pipefail
out=$1
cd "$(dirname "$0")"
../scripts/npm.sh --web > /dev/null
bin=node_modules/.bin
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() { "$@" > "$log" 2>&1 || { cat "$log" >&2; return 1; }; }

quietly "$bin/openapi-typescript" ../gateway/openapi.yaml --output src/api/schema.d.ts
quietly "$bin/tsc" --noEmit
WAYBILL_VITE_CACHE=$out/cache quietly "$bin/vite" build --outDir "$out/dist" --logLevel warn
node pack.mjs "$out/dist" "$out/web_data.cpp"
