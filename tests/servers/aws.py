"""AWS over HTTP on loopback: moto's real server, in a process of its own, extended so that work is really done.

Stock moto keeps the books of AWS and does none of the work: an ECS task never runs its command. Extensions close that
gap, each a module with a function `install(**options)` that changes moto's backends before the server starts:

    with aws_server({"tests.servers.ecs_tasks": {}}) as aws:
        aws.client("ecs").create_cluster(clusterName="etl")

A request that is signed with the access key `EXPIRED_KEY_ID` is answered as AWS answers expired credentials. Any other
credentials are accepted, and no role or policy is looked at.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["EXPIRED_KEY_ID", "AwsServer", "aws_server"]

EXPIRED_KEY_ID = "AKIAEXPIREDEXPIRED00"
_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, kw_only=True)
class AwsServer:
    """A running server.

    Attributes:
        url: its HTTP address.
    """

    url: str
    key_id: str = "AKIAEXAMPLEEXAMPLE00"
    secret: str = "moto/se+cret"
    region: str = "eu-central-1"
    account: str = "123456789012"

    def client(self, service: str) -> Any:
        """Return a boto3 client that looks at it from outside of Airflow."""
        import boto3

        return boto3.client(
            service,
            endpoint_url=self.url,
            aws_access_key_id=self.key_id,
            aws_secret_access_key=self.secret,
            region_name=self.region,
        )

    def connection(self, **changes: object) -> str:
        """Return an Airflow connection as JSON."""
        extra = {"endpoint_url": self.url, "region_name": self.region}
        fields: dict[str, object] = {"conn_type": "aws", "login": self.key_id, "password": self.secret, "extra": extra}
        return json.dumps(fields | changes)

    def environment(self, connection_id: str) -> dict[str, str]:
        """Return the environment variable by which Airflow knows the server as a connection."""
        return {f"AIRFLOW_CONN_{connection_id.upper()}": self.connection()}


@contextmanager
def aws_server(extensions: Mapping[str, Mapping[str, object]] | None = None) -> Iterator[AwsServer]:
    """Run a server.

    Args:
        extensions: importable modules with `install(**options)`, and their options, which have to be JSON.
    """
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.servers.aws", json.dumps(dict(extensions or {}), default=dict)],
        cwd=_ROOT,
        stdin=subprocess.PIPE,  # it ends when this closes, however this process ends
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://"), f"the server does not start: {url!r}, exit code {process.poll()}"
        yield AwsServer(url=url)
    finally:
        process.communicate()


def main(arguments: Sequence[str]) -> None:
    """Serve until standard input closes."""
    import logging

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    for module, options in json.loads(arguments[0]).items():
        import_module(module).install(**options)
    _refuse_expired_credentials(DomainDispatcherApplication)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    for thread in threading.enumerate():  # an extension's own work, which ends on request
        end = getattr(thread, "end", None)
        if callable(end):
            end()
    server.stop()


def _refuse_expired_credentials(application: Any) -> None:
    answer = application.__call__

    def call(self: Any, environ: Mapping[str, Any], start: Any) -> Any:
        if EXPIRED_KEY_ID not in environ.get("HTTP_AUTHORIZATION", ""):
            return answer(self, environ, start)
        said = {"__type": "ExpiredTokenException", "message": "The security token included in the request is expired"}
        start("400 BAD REQUEST", [("Content-Type", "application/x-amz-json-1.1")])
        return io.BytesIO(json.dumps(said).encode())

    application.__call__ = call


if __name__ == "__main__":
    main(sys.argv[1:])
