#!/bin/sh
# Install the Debian packages that are missing, for tests with servers of the operating system's.
#
#   tools/debian.sh PACKAGE...
#
# Where it may not install (no apt-get, or not root) it names what is missing and fails.
set -eu

missing=
for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    printf 'error: these Debian packages are missing:%s\n  = help: apt-get install%s\n' "$missing" "$missing" >&2
    exit 2
fi
printf 'installing%s\n' "$missing"
apt-get update -qq
# Word splitting is wanted: one word a package.
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
