"""What acme's target gets for nothing: patterns, compression, a manifest, and what happens to a name that is taken."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from dagwright.runtime import Parcel, PublishError, RunWorkspace, TargetTaken, publish_files
from tests.acme.example_project import HERE
from tests.acme.web_server import web_server

DATA = b"day,rate\n"


@pytest.fixture(params=[True, False], ids=["move", "put"])
def publish(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(HERE / "src"))
    from acme.worker.web import Server, WebTarget

    workspace = RunWorkspace(tmp_path / "run")
    for name in ("a.csv", "b.csv"):
        with workspace.open(f"out/{name}", "wb") as file:
            file.write(DATA)
    with web_server(tmp_path / "web") as web:
        # The password of web_server.py, as a connection would give it.
        server = Server(address=f"http://127.0.0.1:{web.port}", authorization="Basic YWNtZTpjb3JyZWN0IGhvcnNl")

        def run(*files: str, **how: Any) -> Any:
            publish_files(WebTarget(server, "in", "mark", move=request.param), workspace, files, **how)
            return web

        yield run


def test_patterns_compression_and_a_manifest(publish):
    web = publish("out/*.csv", gzip=True, manifest=True)

    assert sorted(path.name for path in (web.root / "in").iterdir()) == ["a.csv.gz", "b.csv.gz", "manifest.json"]
    assert gzip.decompress((web.root / "in/a.csv.gz").read_bytes()) == DATA
    entries = json.loads((web.root / "in/manifest.json").read_bytes())["files"]
    assert [entry["target"] for entry in entries] == [
        f"http://127.0.0.1:{web.port}/in/{name}.gz" for name in ("a.csv", "b.csv")
    ]


def test_a_taken_name(publish):
    web = publish("out/a.csv")
    publish("out/a.csv", if_exists="error")  # with the same content
    (web.root / "in/a.csv").write_bytes(b"theirs")

    with pytest.raises(PublishError, match="is there already, with other content"):
        publish("out/a.csv", if_exists="error")
    publish("out/*.csv", if_exists="skip")

    assert (web.root / "in/a.csv").read_bytes() == b"theirs"
    assert (web.root / "in/b.csv").read_bytes() == DATA
    publish("out/a.csv")
    assert (web.root / "in/a.csv").read_bytes() == DATA


def parcel(data: bytes) -> Parcel:
    return Parcel(file="a.csv", name="a.csv", size=len(data), opener=lambda: io.BytesIO(data))


def test_two_runs_that_send_a_file_of_one_name(publish):
    from acme.worker.web import Server, WebTarget

    web = publish("out/b.csv")
    server = Server(address=f"http://127.0.0.1:{web.port}", authorization="Basic YWNtZTpjb3JyZWN0IGhvcnNl")
    one, two = (WebTarget(server, "in", mark, move=True) for mark in ("one", "two"))
    mine, theirs = parcel(b"mine"), parcel(b"theirs")

    one.stage(mine)
    two.stage(theirs)
    one.show(mine, replace=False)

    assert (web.root / "in/a.csv").read_bytes() == b"mine"
    with pytest.raises(TargetTaken):
        two.show(theirs, replace=False)
    two.discard(theirs)
    assert sorted(path.name for path in (web.root / "in").iterdir()) == ["a.csv", "b.csv"]
