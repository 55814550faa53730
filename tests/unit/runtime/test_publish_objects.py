"""What object stores refuse before anybody is asked, and what is said where a package is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dagwright.runtime.errors import MissingPackageError, PublishError
from dagwright.runtime.publish_objects import publish_to_azure_blob, publish_to_gcs
from dagwright.runtime.workspace import RunWorkspace


@pytest.fixture
def workspace(tmp_path: Path) -> RunWorkspace:
    (tmp_path / "a.csv").touch()
    return RunWorkspace(tmp_path)


@pytest.mark.parametrize("name", ["", "lake/daily", "key:secret@lake"])
def test_what_is_no_name(workspace, name):
    with pytest.raises(PublishError, match="is no name of a bucket; folders belong into 'prefix'"):
        publish_to_gcs(workspace, ["a.csv"], bucket=name)
    with pytest.raises(PublishError, match="is no name of a container"):
        publish_to_azure_blob(workspace, ["a.csv"], container=name, connection_id="lake")


def test_a_missing_package_is_named_with_its_extra(workspace, monkeypatch):
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    monkeypatch.setitem(sys.modules, "adlfs", None)
    with pytest.raises(MissingPackageError, match=r"'gcsfs' is not installed; .*: pip install 'dagwright\[gcs\]'"):
        publish_to_gcs(workspace, ["a.csv"], bucket="lake")
    with pytest.raises(MissingPackageError, match=r"'adlfs' is not installed; .*: pip install 'dagwright\[azure\]'"):
        publish_to_azure_blob(workspace, ["a.csv"], container="lake", connection_id="lake")
