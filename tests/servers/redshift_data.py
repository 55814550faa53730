"""Lets moto's Redshift Data API run its statements: on a PostgreSQL, with COPY from moto's own S3.

    with postgres_server() as server, aws_server({"tests.servers.redshift_data": {"dsn": server.dsn}}) as aws:
        ...

What a test against it shows: that the requests of Airflow's operator are ones that the Data API knows (boto3 checks
their shape), that a batch is one transaction of which nothing stays when one statement fails, that names and literals
are quoted, which object COPY was told to read, and how failures reach Airflow. A cluster that is not available takes no
statement, and a resumed one is `resuming` for a while, as in AWS; resuming one that is not paused is an error.

What it does not show: anything about Redshift's own SQL. PostgreSQL reads the statements, after this module has taken
out what only Redshift has: DISTSTYLE, DISTKEY and SORTKEY; PRIMARY KEY, which Redshift does not enforce; the options of
COPY, of which the format, GZIP, MANIFEST and IGNOREHEADER are done and all others are looked up in a list and passed
over. GETDATE is a function made for it. Nothing is shown about serializable isolation, Redshift's locks, types such as
SUPER, case folding of names, IAM roles and their policies (the role's form is checked, nobody asks what it may do),
endpoints, or time. Each database user may do everything.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import threading
from typing import Any
from urllib.parse import urlsplit

__all__ = ["install", "translate"]

_ONLY_REDSHIFT = re.compile(
    r"\s+(?:DISTSTYLE\s+(?:AUTO|EVEN|ALL|KEY)|DISTKEY\s*\([^)]*\)|SORTKEY\s*\([^)]*\))|,\s*PRIMARY KEY\s*\([^)]*\)"
)
_COPY = re.compile(
    r"COPY (?P<table>\"[^\"]+\"\.\"[^\"]+\") \((?P<columns>[^)]*)\) FROM '(?P<place>(?:[^']|'')*)'"
    r" IAM_ROLE (?:default|'(?P<role>arn:aws:iam::\d{12}:role/[\w/-]+)')(?P<options>[^\0]*)"
)
_OPTIONS = re.compile(
    r"\s+(?:MANIFEST|FORMAT AS (?P<format>CSV|PARQUET|JSON 'auto ignorecase')|IGNOREHEADER 1|GZIP|EMPTYASNULL"
    r"|DATEFORMAT 'auto'|TIMEFORMAT 'auto')"
)
_RESUMING = 2  # so often a cluster says that it is on its way


def install(dsn: str) -> None:
    """Change moto's backends; `dsn` is the PostgreSQL database in which every statement runs."""
    import psycopg
    from moto.redshiftdata.models import RedshiftDataAPIServiceBackend
    from moto.redshiftdata.responses import RedshiftDataAPIServiceResponse

    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION getdate() RETURNS TIMESTAMP LANGUAGE sql AS 'SELECT now()::timestamp'"
        )
    _change_clusters()
    backend: Any = RedshiftDataAPIServiceBackend
    answers: Any = RedshiftDataAPIServiceResponse

    def execute(answer: Any) -> Any:
        statement = _Statement(answer, dsn)
        answer.redshiftdata_backend.statements[statement.id] = statement
        statement.start()
        shown = {
            "ClusterIdentifier": statement.cluster,
            "CreatedAt": statement.created_at,
            "Database": statement.database,
            "Id": statement.id,
            "WorkgroupName": statement.workgroup,
        }
        return 200, {}, json.dumps({name: value for name, value in shown.items() if value is not None})

    def cancel(self: Any, statement_id: str) -> None:
        self.describe_statement(statement_id).cancel()

    answers.execute_statement = answers.batch_execute_statement = execute
    backend.cancel_statement = cancel


class _Statement(threading.Thread):
    """One statement, or the statements of one batch: one transaction."""

    def __init__(self, answer: Any, dsn: str) -> None:
        from moto.moto_api._internal import mock_random
        from moto.redshift.models import redshift_backends
        from moto.redshiftdata.exceptions import ValidationException

        super().__init__(name="redshift-statement", daemon=True)
        self.id = str(mock_random.uuid4())
        self.created_at = 1_800_000_000
        self.cluster, self.workgroup = answer._get_param("ClusterIdentifier"), answer._get_param("WorkgroupName")
        self.database = answer._get_param("Database")
        self.batch = answer._get_param("Sqls") is not None
        self.sqls: list[str] = answer._get_param("Sqls") or [answer._get_param("Sql")]
        self.status, self.error = "STARTED", ""
        self.states = ["SUBMITTED"] * len(self.sqls)
        self.account, self._dsn = answer.current_account, dsn
        self._connection: Any = None
        if self.cluster is not None:
            found = redshift_backends[answer.current_account][answer.region].clusters.get(self.cluster)
            if found is None or found.status != "available":
                raise ValidationException(f"the cluster {self.cluster} cannot take statements")

    def run(self) -> None:
        import psycopg

        try:
            with psycopg.connect(self._dsn) as self._connection:  # commits, or rolls back
                for index, sql in enumerate(self.sqls):
                    self.states[index] = "STARTED"
                    self._run(sql)
                    self.states[index] = "FINISHED"
            self.status = "FINISHED"
        except psycopg.errors.QueryCanceled:
            self.status = "ABORTED"
        except Exception as error:  # noqa: BLE001  whatever it is, a client has to hear of it
            self.error, self.status = f"ERROR: {error}", "FAILED"
        if self.status != "FINISHED":
            self.states = [self.status if state != "FINISHED" else state for state in self.states]

    def _run(self, sql: str) -> None:
        copy = _COPY.fullmatch(sql)
        if copy is None:
            assert "COPY" not in sql, f"this COPY is not understood: {sql}"
            self._connection.execute(translate(sql).encode())
            return
        left = _OPTIONS.sub("", copy["options"])
        assert not left.strip(), f"these options of COPY are not understood: {left}"
        form = next(found["format"] for found in _OPTIONS.finditer(copy["options"]) if found["format"])
        place = copy["place"].replace("''", "'").replace("\\\\", "\\")
        assert "MANIFEST" in copy["options"], "without a manifest COPY reads every key with this beginning"
        for entry in json.loads(self._object(place))["entries"]:
            data = self._object(entry["url"])
            assert len(data) == entry["meta"]["content_length"]
            self._fill(copy["table"], copy["columns"], data, form, "GZIP" in copy["options"])

    def _fill(self, table: str, columns: str, data: bytes, form: str, packed: bool) -> None:
        data = gzip.decompress(data) if packed else data
        names = [name.strip().strip('"') for name in columns.split(",")]
        if form == "CSV":
            rows = [[value or None for value in row] for row in csv.reader(io.StringIO(data.decode()))][1:]
        elif form == "PARQUET":
            import pyarrow.parquet

            rows = [list(row.values()) for row in pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist()]
        else:
            rows = [[json.loads(line).get(name) for name in names] for line in data.splitlines()]
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def _object(self, url: str) -> bytes:
        from moto.s3.models import s3_backends

        place = urlsplit(url)
        assert place.scheme == "s3", url
        found = s3_backends[self.account]["aws"].get_object(place.netloc, place.path.lstrip("/"))
        if found is None:
            raise FileNotFoundError(f"the object '{url}' is not there")
        return bytes(found.value)

    def cancel(self) -> None:
        if self._connection is not None and self.status == "STARTED":
            self._connection.cancel()

    def end(self) -> None:
        self.cancel()
        self.join(timeout=10)

    def __iter__(self) -> Any:
        """Give what `describe_statement` answers."""
        yield "Id", self.id
        yield "Status", self.status
        yield "CreatedAt", self.created_at
        yield "UpdatedAt", self.created_at
        yield "HasResultSet", False
        if self.error:
            yield "Error", self.error
        if self.batch:
            parts = [
                {"Id": f"{self.id}:{number}", "Status": state, "QueryString": sql, "HasResultSet": False}
                for number, (state, sql) in enumerate(zip(self.states, self.sqls, strict=True), start=1)
            ]
            yield "SubStatements", parts
        else:
            yield "QueryString", self.sqls[0]


def translate(sql: str) -> str:
    """Return a statement of Redshift's as PostgreSQL takes it."""
    return _ONLY_REDSHIFT.sub("", sql) if sql.startswith("CREATE TABLE") else sql


def _change_clusters() -> None:
    from moto.redshift.exceptions import RedshiftClientError
    from moto.redshift.models import Cluster, RedshiftBackend

    cluster: Any = Cluster
    backend: Any = RedshiftBackend
    describe = backend.describe_clusters

    def change(self: Any, needed: str, then: str) -> None:
        if self.status != needed:
            raise RedshiftClientError("InvalidClusterState", f"the cluster is {self.status}")
        self.status, self.asked = then, 0

    def described(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = describe(self, *args, **kwargs)
        for one in found:
            if one.status in {"resuming", "pausing"}:
                one.asked += 1
                if one.asked > _RESUMING:
                    one.status = {"resuming": "available", "pausing": "paused"}[one.status]
        return found

    cluster.resume = lambda self: change(self, "paused", "resuming")
    cluster.pause = lambda self: change(self, "available", "pausing")
    backend.describe_clusters = described
