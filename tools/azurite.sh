#!/bin/sh
# Install Azurite, the emulator of Azure Blob Storage, from npm into a folder; tests with Azure need it.
#
#   tools/azurite.sh FOLDER
#
# The version is the newest that runs with the Node.js of the supported Debian releases.
set -eu

folder=$1
version=3.35.0

[ "$(cat "$folder/.version" 2>/dev/null)" != "$version" ] || exit 0
command -v npm >/dev/null || sh "$(dirname "$0")/debian.sh" nodejs npm
printf 'installing azurite %s\n' "$version"
mkdir -p "$folder"
npm install --prefix "$folder" --no-audit --no-fund --no-save --silent "azurite@$version" >/dev/null
printf '%s' "$version" >"$folder/.version"
