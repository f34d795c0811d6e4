#!/usr/bin/env bash
# Checks that includes go one way: domain <- {messages, auth, outbound} <- transport <- {persistence, actors, gateway, scenarios,
# shell, psp} <- {bench, nodes}.
# Usage: include_direction.sh <source directory>
set -euo pipefail
cd "$1"

declare -A may_include=(
  [domain]="domain"
  [messages]="domain messages"
  [auth]="domain auth"
  [outbound]="domain outbound"
  [transport]="domain messages transport"
  [persistence]="domain messages persistence"
  [actors]="domain messages outbound actors"
  [gateway]="domain messages auth transport gateway"
  [scenarios]="domain messages outbound scenarios"
  [shell]="domain messages transport shell"
  [bench]="domain messages transport outbound scenarios bench"
  [psp]="domain messages transport outbound psp"
  [nodes]="domain messages auth outbound transport persistence actors gateway scenarios shell bench psp nodes"
)

violations=0
files=0
for folder in "${!may_include[@]}"; do
  [ -d "$folder" ] || continue
  while IFS=: read -r file line included; do
    files=$((files + 1))
    case " ${may_include[$folder]} " in
      *" $included "*) ;;
      *) echo "$file:$line: $folder must not include $included" ; violations=$((violations + 1)) ;;
    esac
  done < <(grep -rnoE --include='*.hpp' --include='*.cpp' '^#include "[a-z]+/' "$folder" | sed -E 's,#include "([a-z]+)/,\1,')
done

if [ "$files" -eq 0 ]; then
  echo "no includes found: is $1 the source directory?"
  exit 1
fi
echo "$files includes looked at, $violations violations"
[ "$violations" -eq 0 ]
