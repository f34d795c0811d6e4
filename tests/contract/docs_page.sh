#!/usr/bin/env bash
# Opens /docs of a node in a real browser and looks for the operations: docs_page.sh <waybill binary> <has Swagger UI>. Without
# Swagger UI in the binary the page must say so. Skipped (77) where there is no browser.
set -euo pipefail
binary=$1 has_ui=$2
here=$(dirname "$0")
browser=$(command -v chromium-headless-shell chromium | head -n 1) || true
[ -n "$browser" ] || { echo "skipped: there is no chromium-headless-shell"; exit 77; }

. "$here/node.sh"
work=$(mktemp -d)
trap 'stop_node; rm -rf "$work"' EXIT
start_node "$binary" "$work"

# Only the node can be reached, and the browser makes no requests by itself.
HOME=$work timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$work/profile" \
  --disable-background-networking --disable-component-update --no-first-run --host-resolver-rules="MAP * ~NOTFOUND, EXCLUDE 127.0.0.1" \
  --window-size=1200,1600 --virtual-time-budget=30000 --enable-logging=stderr --v=0 \
  ${WAYBILL_TEST_SCREENSHOT:+--screenshot="$WAYBILL_TEST_SCREENSHOT"} --dump-dom "$url/docs" > "$work/page" 2> "$work/console" || {
  cat "$work/console"; exit 1; }

failures=0
wrong() { echo "docs_page.sh: $*"; failures=$((failures + 1)); }
if grep -E "CONSOLE.*(Refused|violates|Error)" "$work/console"; then
  wrong "the page breaks its own Content-Security-Policy, or fails"
fi
if [ "$has_ui" = ON ]; then
  for operation in placeOrder listOrders createProduct login streamEvents getHealth; do
    grep -q "id=\"operations-[A-Za-z]*-$operation\"" "$work/page" || wrong "the page does not show the operation $operation"
  done
  if grep -q 'id="missing">' "$work/page"; then
    wrong "the page says that Swagger UI is missing"
  fi
else
  grep -q 'id="missing">' "$work/page" || wrong "the page does not say that Swagger UI is missing"
fi
[ "$failures" -eq 0 ] && echo "the page shows $(grep -o 'id="operations-' "$work/page" | wc -l) operations"
exit "$failures"
