"""The pod that jobs on Kubernetes start from, as a file of the project."""

from pathlib import Path
from typing import Any

import yaml

__all__ = ["first_unknown_key", "pod_template_problem", "read_pod_template"]


def read_pod_template(path: Path | None) -> dict[str, Any]:
    """Return a pod's manifest, with at least an empty first container; a bare one where there is no file."""
    pod: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod"}
    if path is not None:
        pod |= yaml.safe_load(path.read_text(encoding="utf-8"))
    spec = pod.setdefault("spec", {})
    if not spec.get("containers"):
        spec["containers"] = [{}]
    return pod


def pod_template_problem(path: Path) -> str | None:
    """Return why a file is no manifest of a pod."""
    try:
        pod = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        return "is no YAML" + (f": line {mark.line + 1}, {getattr(error, 'problem', '')}" if mark is not None else "")
    if not isinstance(pod, dict) or pod.get("kind", "Pod") != "Pod":
        return "is no manifest of a pod"
    spec = pod.get("spec", {})
    containers = spec.get("containers", []) if isinstance(spec, dict) else None
    if not isinstance(containers, list) or not all(isinstance(each, dict) for each in containers):
        return "has no list of containers in its 'spec'"
    return None


def first_unknown_key(pod: dict[str, Any]) -> str | None:
    """Return the way to the first key that no pod has, which Kubernetes' own client would pass over in silence."""
    from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
    from kubernetes.client import ApiClient

    understood = ApiClient().sanitize_for_serialization(PodGenerator.deserialize_model_dict(pod))
    return _first_lost(pod, understood, "")


def _first_lost(said: Any, understood: Any, way: str) -> str | None:
    inside: list[tuple[str, Any, Any]]
    if isinstance(said, dict) and isinstance(understood, dict):
        inside = [(f"{way}.{key}".lstrip("."), value, understood.get(key)) for key, value in said.items()]
    elif isinstance(said, list) and isinstance(understood, list):
        inside = [(f"{way}[{n}]", *pair) for n, pair in enumerate(zip(said, understood, strict=True))]
    else:
        return way if understood is None and said is not None else None
    found = (_first_lost(ours, theirs, each) for each, ours, theirs in inside)
    return next((lost for lost in found if lost is not None), None)
