#!/usr/bin/env bash
# Tests of web/ that need npm's packages and no browser: packages.sh <source directory> types|format|unit. Skipped (77) without them.
set -euo pipefail
cd "$1"
[ -f "$(scripts/npm.sh --web --where)/.complete-web" ] || { echo "skipped: npm's packages are not there; scripts/setup.sh fetches them"; exit 77; }
scripts/npm.sh --web > /dev/null
cd web
case $2 in
  types)
    node_modules/.bin/openapi-typescript ../gateway/openapi.yaml --output src/api/schema.d.ts
    node_modules/.bin/tsc --noEmit
    ;;
  format) node_modules/.bin/prettier --check "src/**/*.{ts,tsx}" vite.config.ts ;;
  unit) node_modules/.bin/vitest run ;;
esac
