#!/bin/sh
# Run the tests that depend on Airflow's version on several versions, or resolve what these are installed with.
#
#   tools/matrix.sh test VERSION... [-- PYTEST-ARGUMENT...]
#   tools/matrix.sh resolve [UV-ARGUMENT...]
#
# Each version has an environment of its own, .venv-airflow-VERSION. tools/matrix/airflow-VERSION.in says what a version
# wants beside pyproject.toml, airflow-VERSION.txt what that was resolved to; the version that constraints.txt pins has
# neither, as its environment is made from constraints.txt.
set -eu

# They need nothing but Airflow, the providers of S3 and SFTP, and the servers of the tests.
tests="tests/integration/render tests/integration/adapters tests/acme/test_airflow.py"

resolve() {
    for wanted in tools/matrix/airflow-*.in; do
        .venv-quick/bin/python -m uv pip compile pyproject.toml "$wanted" --quiet --universal --python-version 3.11 \
            --fork-strategy fewest --extra airflow --extra s3 --extra sftp --group quick --group servers \
            --no-header --no-annotate --output-file "${wanted%.in}.txt" "$@"
    done
}

# One version: its environment, its Airflow, its tests. Prints everything, and leaves a line for the table.
run_version() {
    version=$1
    shift
    python=".venv-airflow-$version/bin/python"
    "${MAKE:-make}" ".venv-airflow-$version/.stamp" || { result="no environment"; return 1; }
    installed=$("$python" -c 'from importlib.metadata import version; print(version("apache-airflow-core"))')
    case $installed in
        "$version".*) ;;
        *) result="wrong version"; return 1 ;;
    esac
    # Real processes as well where Airflow has importers: `make test-airflow` knows the version of constraints.txt alone.
    more=
    case $version in
        3.[123]) ;;
        *) more="tests/airflow/test_finding_dags.py tests/integration/deploy/test_files.py" ;;
    esac
    # shellcheck disable=SC2086  # one word a folder
    { DAGWRIGHT_TEST_AIRFLOW=1 "$python" -m pytest $tests $more -q -n 2 --dist loadfile "$@" 2>&1
        echo $? >"$log.status"; } | tee "$log"
    status=$(cat "$log.status")
    # Pytest's own last line: "3 failed, 80 passed, 2 skipped in 100.00s (0:01:40)".
    result=$(sed -n 's/^=* *\([0-9].* in [0-9.]*s.*[^ =]\) *=*$/\1/p' "$log" | tail -n 1)
    result="${result:-exit code $status}"
    return "$status"
}

test_versions() {
    versions=
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        versions="$versions $1"
        shift
    done
    [ $# -eq 0 ] || shift
    table=
    failed=
    log=$(mktemp)
    trap 'rm -f "$log" "$log.status"' EXIT
    # Each is run whatever the one before it found, so that one call shows everything.
    for version in $versions; do
        printf '\n== Airflow %s\n' "$version"
        installed="$version"
        run_version "$version" "$@" || failed="$failed $version"
        table="$table$(printf '  %-8s  %s' "$installed" "$result")
"
    done
    printf '\n== Airflow by version\n%s' "$table"
    if [ -n "$failed" ]; then
        printf 'failed:%s\n' "$failed" >&2
        exit 1
    fi
}

command=$1
shift
case $command in
    resolve) resolve "$@" ;;
    test) test_versions "$@" ;;
    *) printf "error: tools/matrix.sh knows 'test' and 'resolve', not '%s'\n" "$command" >&2; exit 2 ;;
esac
