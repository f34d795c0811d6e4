#!/usr/bin/env bash
# Makes what the cluster in compose.yaml keeps secret, in its volumes; safe to repeat. /authority: the key that makes
# nodes, which no node sees. /secrets: the certificates and the database's URL, for the nodes. /database: its password,
# for PostgreSQL. The first admin's password is in /secrets/admin-password.
set -euo pipefail
umask 077

certificates.sh --authority=/authority /secrets gateway order payment inventory delivery notification account function relay

if [ ! -s /database/password ]; then
  openssl rand -hex 24 > /database/password.new
  mv /database/password.new /database/password
  echo "secrets: made the database's password"
fi
if [ ! -s /secrets/admin-password ]; then
  openssl rand -hex 16 > /secrets/admin-password.new
  mv /secrets/admin-password.new /secrets/admin-password
  echo "secrets: made the password of the first admin"
fi
printf 'postgresql://waybill:%s@database/waybill\n' "$(cat /database/password)" > /secrets/store.new
mv /secrets/store.new /secrets/store
