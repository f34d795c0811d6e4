#!/usr/bin/env bash
# Installs the package on this machine as it is, changes it, upgrades, removes and purges it, and leaves nothing behind: all of it
# happens on overlays in a mount namespace of its own. installed.sh <package.deb>. Skipped (77) where that cannot be done.
set -euo pipefail
package=$(realpath "$1")
if [ "${WAYBILL_TEST_INSIDE:-}" != 1 ]; then
  for program in systemd-sysusers systemctl deb-systemd-helper; do
    command -v "$program" > /dev/null || { echo "skipped: there is no $program"; exit 77; }
  done
  unshare --mount true 2> /dev/null || { echo "skipped: a mount namespace needs root"; exit 77; }
  WAYBILL_TEST_INSIDE=1 exec unshare --mount --propagation=private "$0" "$package"
fi

fail() { echo "installed.sh: $*"; exit 1; }

# The package may lie below what is covered.
mount -t tmpfs tmpfs /mnt
cp "$package" /mnt/waybill.deb
for folder in usr etc var; do
  mkdir -p "/mnt/$folder/upper" "/mnt/$folder/work"
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=/mnt/$folder/upper,workdir=/mnt/$folder/work" "/$folder" 2> /mnt/said ||
    { echo "skipped: no overlay: $(cat /mnt/said)"; exit 77; }
done
# Nobody asks the machine's own systemd for anything.
mount -t tmpfs tmpfs /run

quietly() { "$@" > /mnt/said 2>&1 || { cat /mnt/said; fail "$*"; }; }
install() { quietly dpkg --no-triggers --force-confold --install /mnt/waybill.deb; }
may_read() { runuser -u "$1" -- test -r "$2"; }

install
getent passwd waybill | grep -q ':/var/lib/waybill:' || fail "there is no user waybill"
[ "$(stat -c '%U:%G %a' /etc/waybill)" = "root:waybill 750" ] || fail "/etc/waybill is open: $(stat -c '%U:%G %a' /etc/waybill)"
may_read waybill /etc/waybill/waybill.conf || fail "the node cannot read its configuration"
! may_read nobody /etc/waybill/waybill.conf || fail "everybody can read the configuration"
quietly dpkg --verify waybill
quietly runuser -u waybill -- waybill config check --config=/etc/waybill/waybill.conf
[ ! -L /etc/systemd/system/multi-user.target.wants/waybill.service ] || fail "it is enabled before it was configured"
quietly systemctl --root=/ enable waybill.service

echo "# mine" >> /etc/waybill/waybill.conf
mkdir -p /var/lib/waybill
touch /var/lib/waybill/waybill.db
install
tail -1 /etc/waybill/waybill.conf | grep -q mine || fail "an upgrade changed the configuration"
[ -L /etc/systemd/system/multi-user.target.wants/waybill.service ] || fail "an upgrade disabled the service"

quietly dpkg --no-triggers --remove waybill
[ ! -e /usr/bin/waybill ] && [ -e /etc/waybill/waybill.conf ] || fail "removing it took too much, or too little"
quietly dpkg --no-triggers --purge waybill
[ ! -e /etc/waybill/waybill.conf ] || fail "a purge left the configuration"
[ ! -L /etc/systemd/system/multi-user.target.wants/waybill.service ] || fail "a purge left the service enabled"
[ -e /var/lib/waybill/waybill.db ] || fail "a purge removed the orders"
grep -q "the data in /var/lib/waybill stays" /mnt/said || fail "a purge does not say that the orders stay"
echo "installed, upgraded, removed and purged"
