#!/usr/bin/env bash
# Checks, without a container engine, that docker/ fits the program and the source tree: every service's variables are a
# sound configuration, every role has a service, what the Dockerfile copies is there, nginx takes its configuration.
# Usage: docker.sh <source directory> <waybill binary>
set -euo pipefail
cd "$1"
binary=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
wrong() { echo "docker.sh: $*"; failures=$((failures + 1)); }

# -- the services -------------------------------------------------------------------------------------------------------

# `<service> <variable>=<value>` for each variable of the program; those of x-variables under the name `common`.
awk '
  /^x-variables:/ { service = "common"; next }
  /^[a-z]/        { service = "" ; inside = ($1 == "services:") ; next }
  inside && /^  [a-z-]+:/ { service = $1; sub(":", "", service); next }
  service != "" && /^ +WAYBILL_[A-Z_]+: / { name = $1; sub(":", "", name); $1 = ""; gsub(/^ |"/, ""); print service, name "=" $0 }
' docker/compose.yaml > "$work/variables"

mapfile -t services < <(awk '$2 ~ /^WAYBILL_ROLE=/ { print $1 }' "$work/variables")
[ "${#services[@]}" -gt 0 ] || wrong "compose.yaml has no services with roles"
docker/certificates.sh --authority="$work/authority" "$work/secrets" "${services[@]}" > /dev/null
echo "postgresql://waybill:secret@database/waybill" > "$work/secrets/store"
echo "correct horse battery staple" > "$work/secrets/admin-password"

for service in "${services[@]}"; do
  mapfile -t variables < <(sed -n -E "s,^(common|$service) ,,p" "$work/variables" | sed "s,/secrets/,$work/secrets/,")
  said=$(env -i "${variables[@]}" "$binary" config check 2>&1) || wrong "service $service: $said"
  echo "service $service: ${#variables[@]} variables, $said"
done
used=$(grep -o 'WAYBILL_[A-Z_]*' docker/compose.yaml | sort -u | wc -l)
seen=$(cut -d' ' -f2 "$work/variables" | cut -d= -f1 | sort -u | wc -l)
[ "$used" -eq "$seen" ] || wrong "compose.yaml has variables that no service gives to a node"

# Faults need every node's consent: one service left out, and no fault is injected.
sed -n -E 's/^  ([a-z]+): \*fault_injected$/\1/p' docker/fault-injection.yaml | sort > "$work/fault_injected"
printf '%s\n' "${services[@]}" | sort | diff - "$work/fault_injected" > /dev/null || wrong "fault-injection.yaml does not name every service of nodes"
consent=$(sed -n -E 's/^ +(WAYBILL_[A-Z]+): "?([a-z]+)"?$/\1=\2/p' docker/fault-injection.yaml)
said=$(env -i "$consent" "$binary" config check 2>&1) || wrong "fault-injection.yaml: $said"

# -- the networks: services that call other servers have a way out, the others have none ------------------------------

awk '
  /^networks:/    { networks = 1; next }
  /^[a-z]/        { networks = 0; inside = ($1 == "services:"); next }
  networks && /^  [a-z]+:/ { network = $1; sub(":", "", network); print "network", network }
  networks && /internal: true/ { print "internal", network }
  inside && /^  [a-z-]+:/ { service = $1; sub(":", "", service) }
  inside && /^    networks: / { gsub(/.*\[|\].*|,/, ""); print "service", service, $0 }
' docker/compose.yaml > "$work/networks"
leaves() {
  local network
  for network in $(sed -n "s/^service $1 //p" "$work/networks"); do
    grep -q "^internal $network$" "$work/networks" || return 0
  done
  return 1
}
for service in payment notification relay; do
  leaves "$service" || wrong "service $service has no way to other servers: its payments, webhooks or sinks would all fail"
done
for service in order inventory delivery account database; do
  ! leaves "$service" || wrong "service $service can reach other servers, and need not"
done

roles=$("$binary" node --help | sed -n 's/.*--role= .*or some of \([a-z,]*\).*/\1/p')
[ -n "$roles" ] || wrong "waybill node --help names no roles"
for role in ${roles//,/ }; do
  grep -q "WAYBILL_ROLE=$role$" "$work/variables" || wrong "no service has the role $role"
  grep -q "/secrets.*\b$role\b" docker/secrets.sh || wrong "secrets.sh makes no certificate for $role"
done

# -- the image ----------------------------------------------------------------------------------------------------------

sed -n 's/^HEALTHCHECK.*CMD \["waybill", "\([a-z]*\)".*/\1/p; s/^CMD \["\([a-z]*\)".*/\1/p' docker/Dockerfile > "$work/commands"
[ "$(wc -l < "$work/commands")" -eq 2 ] || wrong "the Dockerfile has no command or no health check"
while read -r command; do
  "$binary" help | grep -q "^  $command " || wrong "the Dockerfile runs 'waybill $command', which is not there"
done < "$work/commands"

sed -n '/ AS runtime/,$p' docker/Dockerfile | grep -q 'apt-get install .*ca-certificates' ||
  wrong "the image does not know whom to believe: webhooks and payments by HTTPS need ca-certificates"

grep -q '^# to test' scripts/packages.txt || wrong "packages.txt has no line '# to test', up to which the image installs it"
sed -n 's/^!//p' docker/Dockerfile.dockerignore > "$work/context"
while read -r path; do
  [ -e "$path" ] || wrong "Dockerfile.dockerignore lets $path in, which is not there"
done < "$work/context"
for folder in $(sed -n -E 's/^add_subdirectory\(([a-z]+)\)/\1/p; s/^foreach\(folder (.*)\)/\1/p' CMakeLists.txt); do
  [ "$folder" = tests ] || grep -qx "$folder" "$work/context" || wrong "the image is built without $folder"
done

# -- nginx --------------------------------------------------------------------------------------------------------------

port=$(sed -n 's/^gateway WAYBILL_HTTP=.*:\([0-9]*\)$/\1/p' "$work/variables")
[ "$(grep -c "proxy_pass http://\$gateways:$port;" docker/nginx.conf)" -eq "$(grep -c proxy_pass docker/nginx.conf)" ] ||
  wrong "nginx passes requests to another port than the gateway's $port"
if command -v nginx > /dev/null; then
  sed "s,/tmp/,$work/,; s,/dev/stderr,stderr,; s,/dev/stdout json,$work/access.log json," docker/nginx.conf > "$work/nginx.conf"
  said=$(nginx -t -q -e stderr -c "$work/nginx.conf" 2>&1) || wrong "nginx: $said"
  [ -z "$said" ] || echo "nginx: $said"
else
  echo "nginx is not installed: its configuration was not tried"
fi

echo "$failures problems"
[ "$failures" -eq 0 ]
