#!/usr/bin/env bash
# Builds the C++ Actor Framework 0.18.7 (static: core, io, openssl, test) once and installs it under a prefix outside
# the source tree. Prints the prefix on standard output; everything else goes to standard error.
#
#   WAYBILL_CAF_PREFIX   where to install, or where CAF 0.18.7 is already installed
#                        (default: ${XDG_CACHE_HOME:-$HOME/.cache}/waybill/caf-0.18.7)
set -euo pipefail

version=0.18.7
debian_version=0.18.7-1~exp1
sha256=d5c3abe8fd67a729aab1baeece10367637d903ba335f4c79378bcadfbcd34552
prefix=${WAYBILL_CAF_PREFIX:-${XDG_CACHE_HOME:-$HOME/.cache}/waybill/caf-$version}

say() { echo "caf: $*" >&2; }
fail() { say "$*"; exit 1; }

if [ -f "$prefix/lib/cmake/CAF/CAFConfig.cmake" ] && grep -q "$version" "$prefix/lib/cmake/CAF/CAFConfigVersion.cmake"; then
  echo "$prefix"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

matches() { [ -f "$1" ] && echo "$sha256  $1" | sha256sum --check --status; }

# The archive that this machine already uses for Debian 12, asked for its experimental suite.
debian_archive() {
  { sed -nE 's,^URIs:[[:space:]]*([^[:space:]]+/debian)/?([[:space:]].*)?$,\1,p' /etc/apt/sources.list.d/*.sources
    sed -nE 's,^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+/debian)/?[[:space:]].*$,\2,p' \
      /etc/apt/sources.list /etc/apt/sources.list.d/*.list
  } 2>/dev/null | head -n 1
}

from_debian() {
  local archive key=/usr/share/keyrings/debian-archive-keyring.gpg
  archive=$(debian_archive)
  [ -n "$archive" ] && [ -f "$key" ] || return 1
  mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/apt/parts"
  echo "deb-src [signed-by=$key] $archive experimental main" > "$work/apt/sources.list"
  local options=(-o "Dir::Etc::sourcelist=$work/apt/sources.list" -o "Dir::Etc::sourceparts=$work/apt/parts"
    -o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache" -o "APT::Get::List-Cleanup=0"
    # The checksum below says whether it is the right file, however old the archive's index is.
    -o "Acquire::Check-Valid-Until=false")
  [ "$(id -u)" -ne 0 ] || options+=(-o "APT::Sandbox::User=root")
  apt-get "${options[@]}" update -qq >&2 &&
    (cd "$work" && apt-get "${options[@]}" source --download-only --tar-only \
      "actor-framework=$debian_version" >&2)
}

from_github() {
  curl --fail --location --silent --show-error --max-time 300 --output "$work/actor-framework_$version.orig.tar.gz" \
    "https://github.com/actor-framework/actor-framework/archive/refs/tags/$version.tar.gz"
}

tarball="$work/actor-framework_$version.orig.tar.gz"
say "fetching CAF $version"
from_debian || say "Debian's experimental archive did not deliver it, trying the project's own release"
matches "$tarball" || from_github || fail "could not fetch CAF $version: check the network, or set WAYBILL_CAF_PREFIX to an installed one"
matches "$tarball" || fail "the fetched archive of CAF $version has another checksum than the pinned one; refusing to build it"

say "building CAF $version into $prefix (about a minute on two cores, only once)"
mkdir "$work/source"
tar -xzf "$tarball" -C "$work/source" --strip-components=1
# Twelve sources are compiled as one, which takes a third of the time. One of them defines a name that its neighbour has too.
cat > "$work/unity.cmake" <<'END'
cmake_language(DEFER CALL set_source_files_properties "${CMAKE_SOURCE_DIR}/libcaf_core/src/binary_serializer.cpp"
  TARGET_DIRECTORY libcaf_core PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
END
{
  cmake -S "$work/source" -B "$work/build" -G Ninja -Wno-dev \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG" -DCMAKE_CXX_STANDARD=20 \
    -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=12 -DCMAKE_PROJECT_INCLUDE="$work/unity.cmake" \
    -DCMAKE_INSTALL_PREFIX="$prefix.partial" -DCMAKE_INSTALL_LIBDIR=lib \
    -DBUILD_SHARED_LIBS=OFF -DCAF_ENABLE_TESTING=OFF -DCAF_ENABLE_EXAMPLES=OFF -DCAF_ENABLE_TOOLS=OFF \
    -DCAF_ENABLE_EXCEPTIONS=ON -DCAF_ENABLE_IO_MODULE=ON -DCAF_ENABLE_OPENSSL_MODULE=ON -DCAF_LOG_LEVEL=QUIET &&
    cmake --build "$work/build" &&
    rm -rf "$prefix.partial" &&
    cmake --install "$work/build"
} > "$work/build.log" 2>&1 || { tail -n 30 "$work/build.log" >&2; fail "building CAF $version failed"; }
# Headers of the test DSL, which CAF installs only together with its own unit tests.
mkdir -p "$prefix.partial/include/caf/test"
for header in "$work/source"/libcaf_test/caf/test/*.hpp; do
  [ -f "$prefix.partial/include/caf/test/$(basename "$header")" ] || cp "$header" "$prefix.partial/include/caf/test/"
done
# CMake's package files name the prefix they were installed to.
find "$prefix.partial/lib/cmake" -name '*.cmake' -exec sed -i "s,$prefix.partial,$prefix,g" {} +
rm -rf "$prefix"
mv "$prefix.partial" "$prefix"
say "installed CAF $version"
echo "$prefix"
