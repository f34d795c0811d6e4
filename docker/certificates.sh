#!/usr/bin/env bash
# Makes a private certificate authority and certificates of nodes for mutual TLS between them. Safe to repeat: what is
# there and still valid for a while stays.
#
#   certificates.sh [--authority=<dir>] [--days=<n>] [--force] <dir> [<name>...]
#
# For each name, for example `order`, <dir>/<name>.pem (certificate) and <dir>/<name>.key, and for all of them <dir>/ca.pem:
# what a node needs for --cluster-tls-certificate, --cluster-tls-key and --cluster-tls-ca. Without a name: the authority only.
#
#   --authority  where the authority's own key lies (default: <dir>/authority). Whoever has it can make nodes: no node
#                needs it, so keep it somewhere else.
#   --days       how long new certificates of nodes are valid (default 365); the authority's is valid for ten years
#   --force      make new certificates of the named nodes, whatever is there; the authority stays
set -euo pipefail
umask 077

usage() { sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
fail() { echo "certificates.sh: $*" >&2; exit 1; }

days=365
force=
authority=
words=()
for argument in "$@"; do
  case $argument in
    --authority=*) authority=${argument#*=} ;;
    --days=*) days=${argument#*=} ;;
    --force) force=yes ;;
    -*) usage ;;
    *) words+=("$argument") ;;
  esac
done
[ "${#words[@]}" -ge 1 ] || usage
[[ $days =~ ^[1-9][0-9]*$ ]] || fail "--days: a whole number"
command -v openssl > /dev/null || fail "there is no openssl"
folder=${words[0]}
names=("${words[@]:1}")
authority=${authority:-$folder/authority}
mkdir -p "$folder" "$authority"
work=$(mktemp -d "$folder/.new.XXXXXX")
trap 'rm -rf "$work"' EXIT

quietly() { "$@" 2> "$work/log" || { cat "$work/log" >&2; fail "openssl failed: $1 $2"; }; }

# Certificates are replaced when less than this is left, which is also when nodes begin to warn.
soon_s=$((30 * 24 * 3600))

if [ ! -s "$authority/ca.key" ] || [ ! -s "$authority/ca.pem" ]; then
  quietly openssl ecparam -name prime256v1 -genkey -noout -out "$work/ca.key"
  quietly openssl req -x509 -new -key "$work/ca.key" -sha256 -days 3650 -subj "/O=Waybill/CN=Waybill cluster authority" \
    -addext "basicConstraints=critical,CA:true,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" -out "$work/ca.pem"
  # The certificate last: without it the next run starts over.
  mv "$work/ca.key" "$authority/ca.key"
  mv "$work/ca.pem" "$authority/ca.pem"
  echo "certificates: made an authority in $authority"
fi
openssl x509 -in "$authority/ca.pem" -noout -checkend "$soon_s" > /dev/null ||
  fail "the authority in $authority ends within 30 days: make a new one (see docs/operations.md)"

# A file that holds several authorities, as during the change from one to another, keeps them.
fingerprint=$(openssl x509 -in "$authority/ca.pem" -outform DER | sha256sum)
known() {
  [ -s "$folder/ca.pem" ] || return 1
  awk -v out="$work/known." '/BEGIN CERT/ { n++ } n { print > (out n) }' "$folder/ca.pem"
  local one
  for one in "$work"/known.*; do
    [ "$(openssl x509 -in "$one" -outform DER 2> /dev/null | sha256sum)" != "$fingerprint" ] || return 0
  done
  return 1
}
if ! known; then
  cat "$authority/ca.pem" > "$work/bundle.pem"
  [ ! -s "$folder/ca.pem" ] || cat "$folder/ca.pem" >> "$work/bundle.pem"
  chmod 644 "$work/bundle.pem"
  mv "$work/bundle.pem" "$folder/ca.pem"
fi

still_good() {
  [ -z "$force" ] && [ -s "$folder/$1.key" ] &&
    openssl verify -CAfile "$authority/ca.pem" "$folder/$1.pem" > /dev/null 2>&1 &&
    openssl x509 -in "$folder/$1.pem" -noout -checkend "$soon_s" > /dev/null &&
    [ "$(openssl x509 -in "$folder/$1.pem" -noout -pubkey)" = "$(openssl pkey -in "$folder/$1.key" -pubout)" ]
}

made=0
for name in "${names[@]}"; do
  [[ $name =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ && $name != ca ]] || fail "'$name' cannot be the name of a node"
  ! still_good "$name" || continue
  quietly openssl ecparam -name prime256v1 -genkey -noout -out "$work/$name.key"
  quietly openssl req -new -key "$work/$name.key" -subj "/O=Waybill/CN=$name" -out "$work/$name.csr"
  printf '%s\n' "basicConstraints=critical,CA:false" "keyUsage=critical,digitalSignature" \
    "extendedKeyUsage=serverAuth,clientAuth" "subjectKeyIdentifier=hash" "authorityKeyIdentifier=keyid" \
    "subjectAltName=DNS:$name" > "$work/extensions"
  quietly openssl x509 -req -in "$work/$name.csr" -CA "$authority/ca.pem" -CAkey "$authority/ca.key" \
    -set_serial "0x$(openssl rand -hex 16)" -days "$days" -sha256 -extfile "$work/extensions" -out "$work/$name.pem"
  chmod 644 "$work/$name.pem"
  mv "$work/$name.key" "$folder/$name.key"
  mv "$work/$name.pem" "$folder/$name.pem"
  made=$((made + 1))
done
echo "certificates: $made made, $((${#names[@]} - made)) kept in $folder"
