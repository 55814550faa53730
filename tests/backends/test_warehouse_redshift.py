"""Uploads into Redshift, played by moto and PostgreSQL: `tests/servers/redshift_data.py` says what that cannot show.

The statements are the ones that Redshift would get; that Redshift itself takes them has been shown nowhere.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dagwright.adapters.local import Home
from dagwright.runtime.errors import WarehouseError
from dagwright.runtime.warehouse import redshift, redshift_cluster
from dagwright.runtime.warehouse.redshift_cluster import ResumeMark, pause_cluster, resume_cluster
from dagwright.runtime.warehouse.table import LoadTable
from dagwright.runtime.warehouse.types import REDSHIFT_TYPES, ColumnType, parse_type
from dagwright.runtime.workspace import RunWorkspace
from tests.servers.aws import EXPIRED_KEY_ID, AwsServer, aws_server
from tests.servers.postgres import PostgresServer, postgres_server
from tests.servers.redshift_data import translate
from tests.uploads import RATES, Upload, rates_table, run_upload

OLD = "currency,day,rate\nUSD,2026-01-01,1.08\nCHF,2026-01-01,\n"
OLD_ROWS = [("CHF", "2026-01-01", None), ("USD", "2026-01-01", "1.0800")]
ROLE = "arn:aws:iam::123456789012:role/copy-from-lake"

Run = Callable[..., Upload]


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="module")
def cloud(database: PostgresServer) -> Iterator[AwsServer]:
    with aws_server({"tests.servers.redshift_data": {"dsn": database.dsn}}) as server:
        server.client("s3").create_bucket(
            Bucket="lake", CreateBucketConfiguration={"LocationConstraint": server.region}
        )
        server.client("redshift").create_cluster(
            ClusterIdentifier="dw", NodeType="ra3.large", MasterUsername="u", MasterUserPassword="Passw0rd"
        )
        yield server


@pytest.fixture
def schema(database: PostgresServer, request: pytest.FixtureRequest) -> str:
    """The test's own schema, not made yet."""
    return re.sub(r"\W", "_", request.node.name)[-40:]


@pytest.fixture(autouse=True)
def _connection(cloud: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in cloud.environment("aws_default").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("dagwright.builtin.redshift_warehouse._POLL_SECONDS", 1)
    monkeypatch.setattr("dagwright.builtin.redshift_warehouse._RESUME_POLL_SECONDS", 0.2)
    wake(cloud)


def wake(cloud: AwsServer, wanted: str = "available") -> None:
    client = cloud.client("redshift")
    while (status := client.describe_clusters(ClusterIdentifier="dw")["Clusters"][0]["ClusterStatus"]) != wanted:
        if (status, wanted) == ("paused", "available"):
            client.resume_cluster(ClusterIdentifier="dw")
        if (status, wanted) == ("available", "paused"):
            client.pause_cluster(ClusterIdentifier="dw")


@pytest.fixture
def run(airflow_home: Home, tmp_path: Path, schema: str) -> Run:
    def upload(
        content: str | bytes, *, source: str = "out/rates.csv", run: str = "one", warehouse: Any = None, **table: Any
    ) -> Upload:
        where = {"cluster": "dw"} if warehouse is None else warehouse
        tables = [{"name": "daily", "source_file": source, "columns": RATES, **table}]
        return run_upload(
            airflow_home,
            tmp_path,
            {source: content, "out/rates.csv.old": "never,to,be\nread,by,anybody\n"},
            run=run,
            workspace="s3://aws_default@lake/work",
            warehouse={"type": "redshift", "database": "lake", "iam_role": ROLE, **where},
            schema=schema,
            tables=tables,
        )

    return upload


@pytest.fixture
def rows(database: PostgresServer, schema: str) -> Callable[[], list[tuple[Any, ...]]]:
    def look() -> list[tuple[Any, ...]]:
        with database.connect() as connection:
            query = f'SELECT currency, day::text, rate::text FROM "{schema}".daily ORDER BY day, currency'
            return list(connection.execute(query.encode()).fetchall())

    return look


def test_the_shape_and_the_rows(run: Run, rows, cloud: AwsServer, schema: str):
    done = run(OLD, dist_key="currency", sort_keys=["day", "currency"])
    assert done.result.state == "success", done.log
    assert done.shape == {
        "validate.daily": set(),
        "resume": {"validate.daily"},
        "ensure_schema": {"resume"},
        "daily.recreate": {"ensure_schema"},
        "daily.load": {"daily.recreate"},
    }
    assert rows() == OLD_ROWS
    assert done.outlets == [f"redshift://dw:5439/lake/{schema}/daily"]
    assert "the cluster 'dw' is available" in done.logs["resume"]
    assert "paused" not in done.logs["resume"]
    statements = "; ".join(statements_of(cloud, done))
    assert "FROM 's3://lake/work/upload/" in statements
    assert f"IAM_ROLE '{ROLE}'" in statements
    assert "moto/se+cret" not in done.log + statements
    assert "AKIAEXAMPLE" not in done.log + statements


def test_a_load_that_fails_changes_nothing(run: Run, rows, database: PostgresServer, schema: str):
    run(OLD)
    done = run("currency,day,rate\nCHF,2026-01-02,1\nEUR,2026-01-02,999999.99999\n", run="two")
    assert done.states["daily.load"] == "failed"
    assert "numeric field overflow" in done.logs["daily.load"]
    assert rows() == OLD_ROWS


def test_a_paused_cluster_is_resumed_and_paused_again(run: Run, rows, cloud: AwsServer):
    wake(cloud, "paused")
    done = run(OLD, warehouse={"cluster": "dw", "pause": True})
    assert done.result.state == "success", done.log
    assert rows() == OLD_ROWS
    assert "is resuming" in done.logs["resume"]
    assert done.shape["pause"] == {"resume", "daily.load"}
    assert "pausing the cluster 'dw'" in done.logs["pause"]
    wake(cloud, "paused")


def test_it_is_paused_again_also_when_a_load_fails(run: Run, cloud: AwsServer):
    wake(cloud, "paused")
    done = run("currency,day,rate\nEUR,2026-01-02,999999.99999\n", warehouse={"cluster": "dw", "pause": True})
    assert done.states["daily.load"] == "failed"
    assert done.states["pause"] == "success"
    assert done.result.state == "failed"
    assert "pausing the cluster 'dw'" in done.logs["pause"]


def test_a_cluster_that_was_running_stays_so(run: Run, cloud: AwsServer):
    done = run(OLD, warehouse={"cluster": "dw", "pause": True})
    assert "was running before, and stays so" in done.logs["pause"]
    status = cloud.client("redshift").describe_clusters(ClusterIdentifier="dw")["Clusters"][0]["ClusterStatus"]
    assert status == "available"


def test_a_file_that_does_not_fit_resumes_nothing(run: Run, cloud: AwsServer):
    wake(cloud, "paused")
    done = run("day,currency,rate\n2026-01-01,USD,1\n", warehouse={"cluster": "dw", "pause": True})
    assert "has its columns in another order than the table" in done.logs["validate.daily"]
    assert done.states["resume"] == "upstream_failed"
    status = cloud.client("redshift").describe_clusters(ClusterIdentifier="dw")["Clusters"][0]["ClusterStatus"]
    assert status == "paused"


@pytest.fixture
def mark(tmp_path: Path) -> ResumeMark:
    return ResumeMark(RunWorkspace(tmp_path), "load.resume")


def test_lengths_are_in_bytes(run: Run):
    columns: list[Any] = [{"name": "currency", "type": "char(3)"}, *RATES[1:]]
    done = run("currency,day,rate\nCH\u20a3,2026-01-02,1\n", warehouse={"workgroup": "adhoc"}, columns=columns)
    assert done.states["validate.daily"] == "failed"
    assert "line 2, column 'currency': 'CH\u20a3' is no CHAR(3)" in done.logs["validate.daily"]


def test_two_uploads_resume_one_cluster(cloud: AwsServer, mark: ResumeMark, monkeypatch: pytest.MonkeyPatch):
    wake(cloud, "paused")
    status = redshift_cluster._status

    def slow(hook: Any, cluster: str) -> Any:
        found = status(hook, cluster)
        if found == "paused":  # another upload is faster now
            cloud.client("redshift").resume_cluster(ClusterIdentifier="dw")
        return found

    monkeypatch.setattr(redshift_cluster, "_status", slow)
    assert resume_cluster("dw", mark=mark, poll_seconds=0.1) is False
    assert not mark.is_there()


@pytest.mark.parametrize("found", ["resuming", "available"])
def test_a_worker_lost_while_it_waits_for_the_cluster(
    cloud: AwsServer, mark: ResumeMark, monkeypatch: pytest.MonkeyPatch, found: str
):
    wake(cloud, "paused")
    with monkeypatch.context() as patch:
        patch.setattr("dagwright.runtime.warehouse.redshift_cluster.time.sleep", _die)
        with pytest.raises(SystemExit):
            resume_cluster("dw", mark=mark)
    if found == "available":
        wake(cloud)
    assert resume_cluster("dw", mark=mark, poll_seconds=0.1) is True
    pause_cluster("dw", True, mark=mark)
    wake(cloud, "paused")
    wake(cloud)  # somebody else's from now on, also when the upload is cleared
    assert resume_cluster("dw", mark=mark, poll_seconds=0.1) is False


def _die(seconds: float) -> None:
    raise SystemExit(seconds)


def test_a_serverless_workgroup(run: Run, rows, schema: str):
    done = run(OLD, warehouse={"workgroup": "adhoc", "region": "eu-central-1"})
    assert done.result.state == "success", done.log
    assert "resume" not in done.states
    assert rows() == OLD_ROWS
    assert done.outlets == [f"redshift://adhoc.eu-central-1:5439/lake/{schema}/daily"]


def test_append_adds_the_rows_of_a_run_once(run: Run, rows, cloud: AwsServer, schema: str):
    run(OLD, mode="append")
    done = run("currency,day,rate\nUSD,2026-01-02,2\n", run="two", mode="append")
    assert done.result.state == "success", done.log
    both = [*OLD_ROWS, ("USD", "2026-01-02", "2.0000")]
    assert rows() == both
    client = cloud.client("redshift-data")  # the very statements of the second run again, as a retry would send them
    again = statements_of(cloud, done)
    sent = client.batch_execute_statement(Sqls=again, Database="lake", ClusterIdentifier="dw")
    while (state := client.describe_statement(Id=sent["Id"]))["Status"] == "STARTED":
        time.sleep(0.1)
    assert state["Status"] == "FINISHED", state
    assert rows() == both


def statements_of(cloud: AwsServer, done: Upload) -> list[str]:
    """Return the statements that the load has sent."""
    found = re.search(r"Polling statement (\S+)", done.logs["daily.load"])
    assert found is not None
    described = cloud.client("redshift-data").describe_statement(Id=found[1])
    return [part["QueryString"] for part in described["SubStatements"]]


def test_upsert(run: Run, rows):
    table: Any = {"mode": "upsert", "keys": ["day", "currency"]}
    run(OLD, **table)
    done = run("currency,day,rate\nUSD,2026-01-01,7\nUSD,2026-01-03,8\n", run="two", **table)
    assert done.result.state == "success", done.log
    after = [OLD_ROWS[0], ("USD", "2026-01-01", "7.0000"), ("USD", "2026-01-03", "8.0000")]
    assert rows() == after
    done = run("currency,day,rate\nUSD,2026-01-04,7\nUSD,2026-01-04,8\n", run="three", **table)
    assert done.states["daily.load"] == "failed"
    assert "rows have the same keys" in re.sub(r"'\s+'", "", done.logs["daily.load"])  # pprint breaks its lines
    assert rows() == after


@pytest.mark.parametrize("source", ["it's $HOME/rates.csv", "a\\' OR 1/rates.csv", "{{ 'x' ~ \"'\" ~ ds }}.csv"])
def test_no_path_leaves_its_literal(source):
    statements = redshift.load_statements(rates_table(source_file=source), workspace="s3://lake/a", iam_role=ROLE)
    import jinja2

    copy = jinja2.Environment().from_string(statements[3]).render(ds="2026-01-01")
    found = re.fullmatch(r"COPY .* FROM '((?:[^'\\]|''|\\\\)*)' IAM_ROLE '[^']*' MANIFEST FORMAT AS CSV .*", copy)
    assert found is not None, copy
    plain = jinja2.Environment().from_string(f"s3://lake/a/warehouse/{source}.manifest").render(ds="2026-01-01")
    assert found[1].replace("''", "'").replace("\\\\", "\\") == plain


def test_packed_and_other_formats(run: Run, rows):
    import gzip

    lines = '{"currency": "USD", "day": "2026-01-01", "rate": 1.08}\n{"currency": "CHF", "day": "2026-01-01"}\n'
    assert run(gzip.compress(OLD.encode()), source="rates.csv.gz").result.state == "success"
    assert rows() == OLD_ROWS
    assert run(lines, source="rates.jsonl", run="two").result.state == "success"
    assert rows() == OLD_ROWS


def test_columns_are_listed_where_copy_takes_a_list():
    """AWS names no list of columns among what COPY takes for Parquet; `validate` has compared their order by then."""
    lists = {
        source: redshift.load_statements(rates_table(source_file=source), workspace="s3://b", iam_role="default")[3]
        for source in ("a.csv", "a.jsonl", "a.parquet")
    }
    listed = {source: '("currency", "day", "rate") FROM' in copy for source, copy in lists.items()}
    assert listed == {"a.csv": True, "a.jsonl": True, "a.parquet": False}
    assert lists["a.parquet"].endswith("MANIFEST FORMAT AS PARQUET")


def test_expired_credentials(run: Run, cloud: AwsServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AIRFLOW_CONN_OLD", cloud.connection(login=EXPIRED_KEY_ID, password="s3cr3t/old"))
    done = run(OLD, warehouse={"workgroup": "adhoc", "connection_id": "old"})
    assert done.states["ensure_schema"] == "failed"
    assert "The security token included in the request is expired" in done.logs["ensure_schema"]
    assert "s3cr3t" not in done.log


def test_no_such_cluster(mark: ResumeMark):
    with pytest.raises(WarehouseError, match="there is no cluster 'nowhere' for this connection and region"):
        resume_cluster("nowhere", mark=mark, poll_seconds=0.1)


def test_a_service_that_cannot_be_reached(cloud: AwsServer, mark: ResumeMark, monkeypatch: pytest.MonkeyPatch):
    connection = json.loads(cloud.connection())
    connection["extra"]["endpoint_url"] = "http://127.0.0.1:1"
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(connection))
    with pytest.raises(WarehouseError, match="cannot ask for the cluster 'dw': Could not connect"):
        resume_cluster("dw", mark=mark, poll_seconds=0.1)


def test_statements_name_no_key_and_only_known_types():
    table: LoadTable = rates_table(dist_style="even", sort_keys=("day",), keys=("day",))
    made = redshift.recreate_statements(table)[-1]
    assert made.endswith(') DISTSTYLE EVEN SORTKEY ("day")')
    assert '"currency" VARCHAR(65535), "day" DATE NOT NULL, "rate" NUMERIC(10,4), PRIMARY KEY ("day")' in made
    assert "DIST" not in translate(made)
    for name in REDSHIFT_TYPES:
        assert isinstance(parse_type(name.replace("(n)", "(7)").replace("(p,s)", "(9,2)"), REDSHIFT_TYPES), ColumnType)
    text = " ".join(redshift.load_statements(table, workspace="s3://b", iam_role="default"))
    assert "IAM_ROLE default MANIFEST" in text
    assert not re.search("CREDENTIALS|ACCESS_KEY|SECRET", text)
