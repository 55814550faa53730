"""What everybody sees, workspaces and names of assets, carries no password."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.binding import open_project
from dagwright.model.asset_uris import asset_uri_problem
from dagwright.model.workspace_base import has_password, shown_base


@pytest.mark.parametrize(
    ("base", "shown"),
    [
        ("s3://AKIAEXAMPLE:hunter2@lake/w", "s3://lake/w"),
        ("s3://AKIAEXAMPLE:hun/ter@2@lake/w", "s3://lake/w"),
        ("s3://:hunter2@lake", "s3://lake"),
        ("s3://a:b@lake:9000/w", "s3://lake:9000/w"),
    ],
)
def test_a_workspace_with_a_password(tmp_path: Path, base: str, shown: str):
    assert has_password(base)
    assert shown_base(base) == shown
    tmp_path.joinpath("dagwright.toml").write_text(f'[defaults.dag]\nworkspace = "{base}"\n')
    tmp_path.joinpath("dags").mkdir()
    tmp_path.joinpath("dags", "a.dag.yaml").write_text(
        "tasks: {a: {type: container_job, docker_image: x, command: y}}\n"
    )
    opened, problems = open_project(tmp_path)
    assert opened is not None, problems
    (found,) = opened.diagnostics
    assert (found.code, found.path) == ("DW206", "workspace")
    assert found.message.startswith("a workspace is shown to everybody, so it has no password in it")


@pytest.mark.parametrize(
    ("base", "shown"),
    [
        ("s3://aws_default@lake/w", "s3://lake/w"),
        ("s3://lake/w@x:y", "s3://lake/w@x:y"),
        ("hdfs://name:8020/folder@x", "hdfs://name:8020/folder@x"),
        ("/srv/a:b@c", "/srv/a:b@c"),
        ("work:spaces@home", "work:spaces@home"),
        ("file:///srv/w", "file:///srv/w"),
    ],
)
def test_a_workspace_without(base: str, shown: str):
    assert not has_password(base)
    assert shown_base(base) == shown


@pytest.mark.parametrize(
    "name",
    [
        *("api_key", "apiKey", "access_token", "client_secret", "credential", "X-Amz-Credential", "pwd"),
        *("AWSAccessKeyId", "secret_access_key", "x-goog-signature", "sig", "key", "sslpassword", "SharedAccessKey"),
    ],
)
def test_a_secret_in_the_query_of_an_asset(name: str):
    assert asset_uri_problem(f"s3://lake/rates?{name}=x") is not None


@pytest.mark.parametrize("name", ["version", "keys", "day", "author", "design", "monkey", "tokens", "primary_key"])
def test_what_is_none(name: str):
    assert asset_uri_problem(f"s3://lake/rates?{name}=x") is None
