"""The values files fit Airflow's Helm chart, and what it makes of them is what Dagwright needs.

The chart is no part of this repository: `make check-deploy CHART=folder` names it. Its templates are rendered where
the package helm-python-sdk, which has Helm in it, is installed.
"""

from __future__ import annotations

import configparser
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.deploy.conftest import DEPLOY

VALUES = sorted(DEPLOY.glob("helm/*.yaml"))
IMAGE = "acme/airflow:1"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def merged(values: Any, over: Any) -> Any:
    if not isinstance(values, dict) or not isinstance(over, dict):
        return over
    return {**values, **{key: merged(values.get(key), value) for key, value in over.items()}}


@pytest.mark.parametrize("path", VALUES, ids=lambda path: path.name)
def test_values_fit_the_schema(path: Path, chart: Path):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((chart / "values.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    values = merged(read(chart / "values.yaml"), read(path))
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(values)] == []
    # Misspelt at the top, where the schema takes everything.
    assert set(read(path)) <= set(schema["properties"])


@pytest.mark.parametrize("executor", ["CeleryExecutor", "KubernetesExecutor"])
@pytest.mark.parametrize("path", VALUES, ids=lambda path: path.name)
def test_every_container_gets_image_environment_and_configuration(path: Path, executor: str, chart: Path):
    helm = pytest.importorskip("helm_python", reason="the package helm-python-sdk is not installed")
    values = {**read(path), "executor": executor}
    with helm.Chart.load(str(chart)) as loaded:
        manifests = loaded.render(values, name="demo", namespace="default")
    documents = [
        document
        for name, text in manifests.items()
        if name.endswith(".yaml")
        for document in yaml.safe_load_all(text)
        if document
    ]
    config = configparser.ConfigParser(interpolation=None)
    for document in documents:
        if document["kind"] == "ConfigMap":
            config.read_string(document["data"].get("airflow.cfg", ""))
            if template := document["data"].get("pod_template_file.yaml"):
                documents.append(yaml.safe_load(template))
    for section, options in values.get("config", {}).items():
        for option, text in options.items():
            assert json.loads(config[section][option]) == json.loads(text)
    if "dagProcessor" in values:
        written = json.loads(config["dag_processor"]["dag_bundle_config_list"])
        assert written == values["dagProcessor"]["dagBundleConfigList"]
    if "dags" in values:
        assert config["core"]["dags_folder"] == "/opt/airflow/dags/repo/stubs"
    containers = [each for document in documents for each in containers_of(document)]
    # The executor gives the container of its pods, "base", the image that stands in the configuration.
    executed = config["kubernetes_executor"]
    assert f"{executed['worker_container_repository']}:{executed['worker_container_tag']}" == IMAGE
    needing = [
        container
        for container in containers
        # A groomer of logs loads no DAGs.
        if container["name"] == "base" or (container["image"] == IMAGE and "log-groomer" not in container["name"])
    ]
    worker = "worker" if executor == "CeleryExecutor" else "base"
    assert {"scheduler", "dag-processor", "api-server", worker} <= {container["name"] for container in needing}
    for container in needing:
        assert {"name": "DAGWRIGHT_ENV", "value": "prod"} in container["env"], container["name"]


def containers_of(value: Any) -> Iterator[Any]:
    """Yield the containers of all pods in a document."""
    if isinstance(value, dict):
        if "containers" in value:
            yield from [*value["containers"], *(value.get("initContainers") or ())]
        for below in value.values():
            yield from containers_of(below)
    elif isinstance(value, list):
        for below in value:
            yield from containers_of(below)
