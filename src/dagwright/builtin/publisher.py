"""The slot of publishers, and what all of them check."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from annotated_types import MinLen

from dagwright import CheckContext, Diagnostic, OperatorFactory, WorkspacePath

__all__ = ["Publisher"]


class Publisher(OperatorFactory, abstract=True):
    """Something that brings files of the workspace to their readers.

    A publisher is atomic and safe to retry: no reader ever sees half a file, and a second run does no harm.

    Attributes:
        files: paths in the workspace, each published under its base name; `*` and `?` in a name and `**` for folders
            make a pattern, which has to match at least one file.
        gzip: whether files are compressed on their way, and `.gz` added to their names.
        manifest: the name of a JSON file, published last, which lists the files with their sizes and SHA-256; true is
            `manifest.json`.
        if_exists: what happens to a file that is there already; `error` lets pass what has the same content.
    """

    files: Annotated[list[WorkspacePath], MinLen(1)]
    gzip: bool = False
    manifest: bool | str = False
    if_exists: Literal["overwrite", "error", "skip"] = "overwrite"

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Find folders, malformed patterns, and files that would overwrite each other."""
        from dagwright.runtime.file_patterns import is_pattern, manifest_name, pattern_problem, published_name

        first: dict[str, str] = {}
        name = manifest_name(self.manifest)
        if name is not None:
            if "{" not in name and ("/" in name or name.startswith(".")):
                message = f"'{name}' is no name for the manifest"
                yield context.error("manifest", message, code="DW206", help="a plain file name, such as manifest.json")
            first[name] = "the manifest"
        for index, path in enumerate(self.files):
            if path.endswith(("/", "/.")):
                message = f"'{path}' names a folder, not a file"
                example = f"{path.rstrip('/.')}/*"
                yield context.error(("files", index), message, code="DW206", help=f"for all files in it: '{example}'")
                continue
            if is_pattern(path):
                if (problem := pattern_problem(path)) is not None:
                    yield context.error(("files", index), f"'{path}' {problem}", code="DW206")
                continue
            name = published_name(path, gzip=self.gzip)
            if name in first:
                message = f"'{path}' and {first[name]} would both be published as '{name}'"
                yield context.error(("files", index), message, code="DW218", help="rename one of them in its job")
            first.setdefault(name, f"'{path}'")

    def sending(self) -> dict[str, Any]:
        """Return what `publish_files` on the worker needs to know, for a templated argument."""
        return {
            "files": self.files,
            "gzip": self.gzip,
            "manifest": self.manifest,
            "if_exists": self.if_exists,
        }

    def folder_uri(self) -> str | None:
        """Return the URI of the place that the files go to, None where it is known on the worker only."""
        return None

    def outlets(self) -> list[Any]:
        """Return an Airflow asset for every published file, so that a file can schedule another DAG.

        Files of patterns have the folder as their asset. Assets are fixed when a DAG is parsed, so a target with
        Jinja in it has none.
        """
        from airflow.sdk import Asset

        from dagwright.runtime.file_patterns import is_pattern, manifest_name, published_name

        folder = self.folder_uri()
        if folder is None:
            return []
        place = _without_credentials(folder)
        place = place if place.endswith("://") else place.rstrip("/")  # the folder '/' of a machine
        names = ["" if is_pattern(path) else published_name(path, gzip=self.gzip) for path in self.files]
        uris = [f"{place}/{name}" if name or place.endswith("://") else place for name in names]
        if (manifest := manifest_name(self.manifest)) is not None:
            uris.append(f"{place}/{manifest}")
        return [Asset(uri) for uri in dict.fromkeys(uris) if "{" not in uri]


def _without_credentials(uri: str) -> str:
    """Return a URI that everybody may see: Airflow cleans an asset's URI, and not the name that is made of it."""
    parts = urlsplit(uri)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme in ("http", "https"):  # elsewhere, '?' and '#' may stand in a name
        return parts._replace(netloc=host, query="", fragment="").geturl()
    return uri if host == parts.netloc else uri.replace(f"//{parts.netloc}", f"//{host}", 1)
