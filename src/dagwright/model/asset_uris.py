"""URIs of assets in data: shown to everybody, and fixed when a DAG is parsed."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

__all__ = ["AssetUri", "asset_uri_problem"]

# Names of query parameters, without '-', '_' and case.
_SECRET = re.compile(
    r"key|pass|passwd|password|pwd|secret|sig|signature|token|auth|authorization|credentials?|sas"
    r"|.*(accesskey|accesskeyid|apikey|secretkey|privatekey|accountkey|token|password|secret|signature|credentials?)"
)


def asset_uri_problem(uri: str) -> str | None:
    """Say what is wrong with a URI for an asset, without repeating it, or None where nothing is."""
    if not uri.strip():
        return "an asset has no empty URI"
    if "{{" in uri or "{%" in uri:
        return "an asset's URI is fixed when the DAG is parsed, so Jinja in it would stay as it is"
    try:
        parts = urlsplit(uri)
    except ValueError:
        return "this is no URI"
    if ":" in parts.netloc.rpartition("@")[0]:
        return "an asset's URI is shown to everybody, so it has no password in it"
    if any(_SECRET.fullmatch(re.sub(r"[\W_]", "", name.lower())) for name, _ in parse_qsl(parts.query)):
        return "an asset's URI is shown to everybody, so it has no signature or token in it"
    return "Airflow keeps the scheme 'airflow' for itself" if parts.scheme == "airflow" else None


def _check(uri: str) -> str:
    problem = asset_uri_problem(uri)
    if problem is not None:
        raise PydanticCustomError("DW206", "{problem}", {"problem": problem})
    return uri


AssetUri = Annotated[str, AfterValidator(_check)]
"""The URI of an Airflow asset, such as `s3://lake/rates`: no credentials, no Jinja."""
