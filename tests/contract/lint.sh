#!/usr/bin/env bash
# Lints the API documents with Redocly's linter, from npm: lint.sh <source directory>. Skipped (77) where npm has not
# delivered it, or Node.js is too old for it.
set -euo pipefail
cd "$1"
linter=$(scripts/npm.sh --where)/node_modules/.bin/redocly
skip() { echo "skipped: $*"; exit 77; }
[ -x "$linter" ] || skip "the linter is not there; scripts/setup.sh fetches it where npm works"
"$linter" --version > /dev/null 2>&1 || skip "Node.js $(node --version) is too old for the linter (20.19 or 22.12 and newer)"

# It would tell its makers about each run, and ask them for news.
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
cd tests/contract
out=$(mktemp)
trap 'rm -f "$out" "$out.said"' EXIT
for document in openapi asyncapi; do
  # Warnings count: the rules that shall not hold are off in redocly.yaml.
  "$linter" lint --config redocly.yaml --format=json --max-problems=1000 "../../gateway/$document.yaml" > "$out" 2> "$out.said" || true
  [ -s "$out" ] || { cat "$out.said"; exit 1; }
  python3 - "$document" "$out" <<'PYTHON'
import json, sys

report = json.load(open(sys.argv[2]))
for problem in report["problems"]:
    where = problem["location"][0]
    if not problem.get("ignored"):
        print(f'{sys.argv[1]}.yaml: {where.get("pointer")}: {problem["message"]} ({problem["ruleId"]})')
totals = report["totals"]
print(f'{sys.argv[1]}.yaml: {totals["errors"]} errors, {totals["warnings"]} warnings')
sys.exit(1 if totals["errors"] + totals["warnings"] else 0)
PYTHON
done
