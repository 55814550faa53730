#!/bin/sh
# Make or refresh one virtual environment from pyproject.toml and constraints.txt.
#
#   tools/env.sh FOLDER quick|full|backends|airflow-VERSION|uv
#
# quick: the package's core and what tests/unit needs, no Airflow; full: every tool and
# every extra but the two with the largest SDKs, gcs and azure; backends: those as well; airflow-3.1 and so on: what
# the tests of `make test-matrix` need, on that Airflow, with the versions in tools/matrix/airflow-3.1.txt, or those of
# constraints.txt where there is no such file; uv: nothing but the installer, so that constraints.txt can be resolved
# anew also when it contradicts pyproject.toml.
# PYTHON names the interpreter to build on; without it the first of a few usual names that is new enough is taken.
# The only thing that the interpreter must bring is the standard library's venv with ensurepip: uv comes from pip,
# pinned by hash, and installs the rest.
set -eu

folder=$1
kind=$2
minimum="3.11"

fail() {
    printf 'error: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '  = %s\n' "$line" >&2; done
    exit 2
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        command -v "$PYTHON" >/dev/null 2>&1 || fail "PYTHON is '$PYTHON', which is no command"
        new_enough "$PYTHON" || fail "'$PYTHON' is $("$PYTHON" --version 2>&1 || true), and Dagwright needs Python $minimum or newer" \
            "help: name a newer one: make PYTHON=/path/to/python3 ..."
        python=$PYTHON
        return
    fi
    for python in python3 python3.13 python3.12 python3.11; do
        if new_enough "$python"; then return; fi
    done
    fail "no Python $minimum or newer found (tried python3, python3.13, python3.12, python3.11)" \
        "found: $(python3 --version 2>&1 || true)" \
        "help: install one, or name it: make PYTHON=/path/to/python3 ..."
}

make_venv() {
    find_python
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        fail "this Python ($python, $version) has no module 'venv' or 'ensurepip', so it cannot make an environment" \
            "help: on Debian or Ubuntu: apt-get install python3-venv  (or python$version-venv)" \
            "help: or name another Python: make PYTHON=/path/to/python3 ..."
    fi
    printf '%s: made with %s\n' "$folder" "$("$python" --version)"
    rm -rf "$folder"
    "$python" -m venv "$folder"
}

# An environment whose Python has gone, or that was made at another place, is made anew.
here=$(pwd -P)
[ -x "$folder/bin/python" ] && new_enough "$folder/bin/python" && [ "$(cat "$folder/.made-in" 2>/dev/null)" = "$here" ] || make_venv
printf '%s' "$here" >"$folder/.made-in"

# pip checks the hashes that stand under uv's name in constraints.txt.
bootstrap="$folder/uv-requirement.txt"
sed -n '/^uv==/,/[^\\]$/p' constraints.txt >"$bootstrap"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$bootstrap"

constraints=constraints.txt
case $kind in
    quick) set -- --editable . --group quick ;;
    full) set -- --editable '.[airflow,docker,duckdb,ecs,kubernetes,png,postgres,redshift,s3,sftp,validation]' --group dev ;;
    backends) set -- --editable '.[airflow,azure,docker,duckdb,ecs,gcs,kubernetes,png,postgres,redshift,s3,sftp,validation]' --group dev --group clusters ;;
    airflow-*)
        [ -f "tools/matrix/$kind.txt" ] && constraints="tools/matrix/$kind.txt"
        set -- --editable '.[airflow,s3,sftp]' --group quick --group servers
        ;;
    uv) exit 0 ;;
    *) fail "the kind of environment is 'quick', 'full', 'backends', 'airflow-VERSION' or 'uv', not '$kind'" ;;
esac
printf '%s: installing the %s set\n' "$folder" "$kind"
"$folder/bin/python" -m uv pip install --quiet --python "$folder/bin/python" \
    --constraints "$constraints" --build-constraints constraints.txt "$@"
