#!/usr/bin/env bash
# Builds clients/typescript in a folder of its own and runs its tests: run.sh <source directory> <waybill binary> <folder> [test file...].
# Skipped (77) without npm's packages.
set -euo pipefail
source=$1 work=$3
export WAYBILL_TEST_BINARY=$2
here=$source/tests/clients/typescript
packages=$("$source/scripts/npm.sh" --client --where)
[ -f "$packages/.complete-client" ] || { echo "skipped: npm's packages are not there; scripts/setup.sh fetches them"; exit 77; }

rm -rf "$work"
mkdir -p "$work"
cp -r "$source"/clients/typescript/{package.json,tsconfig.json,tsconfig.examples.json,src,examples} "$work"
ln -s "$packages/node_modules" "$work/node_modules"
cd "$work"
bin=node_modules/.bin
"$bin/openapi-typescript" "$source/gateway/openapi.yaml" --output src/schema.d.ts > openapi.log 2>&1 || { cat openapi.log >&2; exit 1; }
"$bin/tsc" --project tsconfig.json
cp src/schema.d.ts build/lib/
# With the examples: what must not compile does not.
cp "$here/typed.ts" examples/
"$bin/tsc" --project tsconfig.examples.json

export WAYBILL_TEST_CLIENT=$work
files=("${@:4}")
[ ${#files[@]} -gt 0 ] || files=("$here"/*.test.mjs)
# As on Node.js 18, where cryptography is no global; newer ones have an option for it as long as they have it.
old=--no-experimental-global-webcrypto
node $old -e 0 2> /dev/null || old=
node $old --test "$here/offline.test.mjs"
# One file after the other: each starts a node.
for file in "${files[@]}"; do
  node --test "$file"
done
