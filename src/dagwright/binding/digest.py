"""The digest of a DAG: what its data says after every layer, and which classes read it.

Airflow's own version hash overlooks some changes (the order of a list of strings, arguments that are no
templates), so the digest goes into the DAG's documentation, which the hash covers. Comments, the order of
keys and the layer that a value came from do not change it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from dagwright.binding.merged import Leaf, Merged, ResolvedNode
from dagwright.source import Node, ScalarNode

__all__ = ["digest_of"]


def digest_of(root: Merged, dag_id: str) -> str:
    """Return the hex SHA-256 of the resolved data."""
    data = [dag_id, _canonical(root)]
    return hashlib.sha256(
        json.dumps(data, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")
    ).hexdigest()


def _canonical(leaf: Leaf) -> Any:
    if type(leaf) is ScalarNode:
        return leaf.value
    if isinstance(leaf, ResolvedNode) and leaf.secret:
        # The digest is public, and a short value could be guessed from it: what the file says counts instead.
        return ["from_env", leaf.source.text[leaf.start : leaf.end]]
    if isinstance(leaf, Node):
        return leaf.plain()
    if leaf.items is not None:
        return [_canonical(item) for item in leaf.items]
    # The order of keys is no data, but the order of tasks in a mapping is only their order on the screen.
    data = {key: _canonical(child) for key, (child, _) in (leaf.entries or {}).items()}
    if leaf.shape is None or leaf.shape.kind == "data":
        return data
    return [leaf.shape.options.type_name, leaf.shape.options.version, data]
