#!/usr/bin/env bash
# Checks docker/certificates.sh: what it makes is taken by the program, it is safe to repeat, and authorities can change.
# Usage: certificates.sh <source directory> <waybill binary>
set -euo pipefail
cd "$1"
binary=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=$work/certificates

fail() { echo "certificates.sh: $*"; exit 1; }
make() { docker/certificates.sh --authority="$work/authority" "$@" > "$work/said" 2>&1 || fail "$(cat "$work/said")"; }
taken() {
  env -i "$binary" config check --cluster-tls-ca="$folder/ca.pem" --cluster-tls-certificate="$folder/$1.pem" \
    --cluster-tls-key="$folder/$1.key" --listen=0.0.0.0:4100 > /dev/null
}
sum() { cat "$folder/$1.pem" "$folder/$1.key" | sha256sum; }

make "$folder" order payment
taken order || fail "the program refuses a new certificate"
taken payment || fail "the program refuses a new certificate"
for secret in "$folder/order.key" "$work/authority/ca.key"; do
  [ "$(stat -c %a "$secret")" = 600 ] || fail "$secret can be read by others"
done
[ ! -e "$folder/authority" ] && [ ! -e "$folder/ca.key" ] || fail "the authority's key lies among those of the nodes"

before=$(sum order)
make "$folder" order gateway
[ "$(sum order)" = "$before" ] || fail "a good certificate was replaced"
taken gateway || fail "a node cannot be added"
make --force "$folder" order
[ "$(sum order)" != "$before" ] || fail "--force did not replace the certificate"

make --days=3 --force "$folder" payment
before=$(sum payment)
make "$folder" payment
[ "$(sum payment)" != "$before" ] || fail "a certificate that ends soon was kept"

cp "$folder/gateway.key" "$folder/order.key"
make "$folder" order
taken order || fail "a key of another certificate was kept"

# From one authority to another: the file holds both, certificates of both are taken.
mv "$work/authority" "$work/old"
before=$(sum gateway)
make "$folder"
[ "$(sum gateway)" = "$before" ] || fail "a new authority alone replaced a certificate"
taken gateway || fail "a certificate of the old authority is refused when the new one was added"
make "$folder" gateway
[ "$(sum gateway)" != "$before" ] || fail "the new authority issued no certificate"
[ "$(grep -c BEGIN "$folder/ca.pem")" -eq 2 ] || fail "the change of authorities needs both in ca.pem"
taken order || fail "a certificate of the old authority is refused during the change"
taken gateway || fail "a certificate of the new authority is refused"
cp "$work/authority/ca.pem" "$folder/ca.pem"
! taken order 2> "$work/said" || fail "the old authority is still trusted after the change"
grep -q "was not issued by the authority" "$work/said" || fail "$(cat "$work/said")"
make "$folder" order
[ "$(grep -c BEGIN "$folder/ca.pem")" -eq 1 ] || fail "the authority was added a second time"
taken order || fail "the old certificate was not replaced"

! docker/certificates.sh "$folder" ../elsewhere > /dev/null 2>&1 || fail "took a path for the name of a node"
[ -z "$(find "$folder" -name '.new.*')" ] || fail "left files behind"
echo "all well"
