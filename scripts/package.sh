#!/usr/bin/env bash
# Makes the Debian package of a program that is built already: scripts/package.sh [<waybill binary> [<folder>]]. Prints where it
# lies; the same program and sources give the same bytes.
#
#   DEBFULLNAME, DEBEMAIL   whom the package names as its maintainer
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
binary=$(realpath "${1:-$root/build/release/waybill}")
folder=${2:-$root/build/package}
[ -x "$binary" ] || { echo "package.sh: there is no $binary: scripts/build.sh makes it" >&2; exit 1; }
mkdir -p "$folder"
folder=$(realpath "$folder")
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$work/stage
control=$work/control
version=$("$binary" version | cut -d' ' -f2)
# When the sources were changed last; without git, when the package's own were.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2> /dev/null || stat -c %Y "$root/CHANGELOG.md")}
export SOURCE_DATE_EPOCH
maintainer="${DEBFULLNAME:-The Waybill authors} <${DEBEMAIL:-waybill@localhost}>"

put() { install -D -m "$1" "$2" "$stage/$3"; }
compressed() { gzip -9n > "$stage/$1"; }

# -- the files ----------------------------------------------------------------------------------------------------------

put 755 "$binary" usr/bin/waybill
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$stage/usr/bin/waybill"
put 644 "$root/packaging/debian/waybill.conf" etc/waybill/waybill.conf
put 644 "$root/packaging/debian/waybill.service" usr/lib/systemd/system/waybill.service
put 644 "$root/packaging/debian/waybill.sysusers" usr/lib/sysusers.d/waybill.conf
put 755 "$root/docker/certificates.sh" usr/share/waybill/certificates.sh

mkdir -p "$stage"/usr/share/{man/man1,bash-completion/completions,zsh/vendor-completions}
python3 -B "$root/packaging/debian/command_pages.py" "$binary" "$work"
for page in waybill.1 waybill-shell.1; do
  compressed "usr/share/man/man1/$page.gz" < "$work/$page"
done
put 644 "$work/completion.bash" usr/share/bash-completion/completions/waybill
put 644 "$work/completion.zsh" usr/share/zsh/vendor-completions/_waybill

doc=usr/share/doc/waybill
for page in operations rights glossary http-by-example doors webhooks sinks payment-provider performance; do
  put 644 "$root/docs/$page.md" "$doc/$page.md"
done
put 644 "$root/NOTICE" "$doc/NOTICE"
cat "$root/NOTICE" "$root/packaging/debian/licences" > "$work/copyright"
put 644 "$work/copyright" "$doc/copyright"
compressed "$doc/changelog.gz" < "$root/CHANGELOG.md"
printf 'waybill (%s-1) unstable; urgency=medium\n\n  * /usr/share/doc/waybill/changelog.gz says what is new.\n\n -- %s  %s\n' \
  "$version" "$maintainer" "$(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")" | compressed "$doc/changelog.Debian.gz"
for part in rules/waybill.yml grafana; do
  mkdir -p "$stage/$doc/examples/monitoring"
  cp -r "$root/docker/monitoring/$part" "$stage/$doc/examples/monitoring/"
done

# -- the package --------------------------------------------------------------------------------------------------------

mkdir -p "$control"
echo /etc/waybill/waybill.conf > "$control/conffiles"
install -m 755 "$root"/packaging/debian/{postinst,prerm,postrm} "$control"
# The packages whose libraries the program loads, with the versions that it needs.
mkdir -p "$work/list/debian"
touch "$work/list/debian/control"
libraries=$(cd "$work/list" && dpkg-shlibdeps -O "$stage/usr/bin/waybill" 2> "$work/log" | sed -n 's/^shlibs:Depends=//p') ||
  { cat "$work/log" >&2; exit 1; }

find "$stage" -type d -exec chmod 755 {} +
find "$stage" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
WAYBILL_STAGE=$stage WAYBILL_CONTROL=$control WAYBILL_VERSION=$version WAYBILL_LIBRARIES=$libraries WAYBILL_MAINTAINER=$maintainer \
  cpack --config "$root/packaging/debian/cpack.cmake" -B "$work/out" > "$work/log" 2>&1 ||
  { cat "$work/log" >&2; exit 1; }
mv "$work"/out/*.deb "$folder/"
echo "$folder/waybill_$version-1_$(dpkg --print-architecture).deb"
