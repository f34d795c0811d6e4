#!/usr/bin/env bash
# Checks that each patch of tests/cluster/broken still fits the source, and that tests/cluster/broken_builds.sh knows it.
# Usage: broken_builds.sh <source directory>
set -euo pipefail
cd "$1"
failures=0
for patch in tests/cluster/broken/*.patch; do
  name=$(basename "$patch" .patch)
  patch --quiet --dry-run --fuzz=0 -p1 < "$patch" || { echo "broken_builds.sh: $patch does not fit"; failures=$((failures + 1)); }
  grep -qE "(^|[ |])$name( \||\))" tests/cluster/broken_builds.sh || { echo "broken_builds.sh: nothing brings out $name"; failures=$((failures + 1)); }
done
exit "$failures"
