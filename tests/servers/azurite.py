"""Azure Blob Storage on loopback: Azurite, Microsoft's own emulator, which `tools/azurite.sh` installs from npm.

It is a program of its own, with its own file of the protocol; what it does not prove is that Azure's servers agree.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["AzureServer", "azure_server", "find_azurite"]

# The account that every Azurite knows, as its documentation says it.
_ACCOUNT = "devstoreaccount1"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@dataclass(frozen=True, kw_only=True)
class AzureServer:
    """A running server.

    Attributes:
        url: its HTTP address.
    """

    url: str
    account: str = _ACCOUNT
    key: str = _KEY

    def connection_string(self, **changes: str) -> str:
        """Return what Azure's clients take."""
        fields = {
            "DefaultEndpointsProtocol": "http",
            "AccountName": self.account,
            "AccountKey": self.key,
            "BlobEndpoint": f"{self.url}/{self.account}",
        }
        return ";".join(f"{name}={value}" for name, value in {**fields, **changes}.items())

    def connection(self, **changes: str) -> str:
        """Return an Airflow connection as JSON."""
        return json.dumps({"conn_type": "wasb", "extra": {"connection_string": self.connection_string(**changes)}})

    def container(self, name: str) -> Any:
        """Return a client of a container, which is made where it is missing."""
        # By name: this file is checked where Azure's packages are not installed.
        blob, errors = import_module("azure.storage.blob"), import_module("azure.core.exceptions")
        client = blob.BlobServiceClient.from_connection_string(self.connection_string()).get_container_client(name)
        with contextlib.suppress(errors.ResourceExistsError):
            client.create_container()
        return client


def find_azurite() -> str | None:
    """Return the program, None where it is not installed."""
    own = Path(sys.prefix, "azurite/node_modules/.bin/azurite-blob")
    return str(own) if own.exists() else shutil.which("azurite-blob")


@contextmanager
def azure_server(folder: Path) -> Iterator[AzureServer]:
    """Run a server whose files are in a folder."""
    program = find_azurite()
    assert program is not None, "azurite-blob is not installed: sh tools/azurite.sh .venv-backends/azurite"
    options = ["--blobHost", "127.0.0.1", "--blobPort", "0", "--location", str(folder)]
    options += ["--silent", "--skipApiVersionCheck", "--disableTelemetry"]
    with subprocess.Popen([program, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                if found := re.search(r"listens on (http://127\.0\.0\.1:\d+)", line):
                    break
            else:
                raise AssertionError(said)
            yield AzureServer(url=found[1])
        finally:
            process.terminate()
