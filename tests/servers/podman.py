"""A Docker engine on a socket of its own: podman's service, which speaks Docker's API, with one small image.

    with podman_server() as engine:
        engine.url                       # unix:///.../podman.sock, as DockerOperator wants it
        engine.run("ps", "--all")        # podman itself

Debian: `sh tools/debian.sh busybox-static podman runc`. It needs root. Containers share the host's network, since
this is no test of networks. The image `localhost/tiny` is a file system of BusyBox alone: /bin/sh and a hundred tools.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["IMAGE", "PodmanServer", "podman_server"]

IMAGE = "localhost/tiny"
# Lower limits than podman's own, which a machine without CAP_SYS_RESOURCE cannot set.
_CONTAINERS_CONF = """\
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
netns = "host"

[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


@dataclass(frozen=True, kw_only=True)
class PodmanServer:
    """A running engine.

    Attributes:
        url: its address.
    """

    url: str
    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str, data: bytes | None = None) -> str:
        """Run podman on the engine's containers and return what it prints."""
        command = [*_podman(self.folder), *arguments]
        done = subprocess.run(command, env=self.environment, input=data, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def containers(self) -> list[str]:
        """Return the ids of all containers that are there, running or not."""
        return self.run("ps", "--all", "--quiet").split()


@contextmanager
def podman_server() -> Iterator[PodmanServer]:
    """Run an engine."""
    folder = Path(tempfile.mkdtemp(prefix="podman-"))
    folder.joinpath("containers.conf").write_text(_CONTAINERS_CONF)
    socket = folder / "podman.sock"
    environment = {
        "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin",
        "HOME": str(folder),
        "CONTAINERS_CONF": str(folder / "containers.conf"),
    }
    server = PodmanServer(url=f"unix://{socket}", folder=folder, environment=environment)
    try:
        server.run("import", "-", IMAGE, data=_root_file_system())
        process = subprocess.Popen([*_podman(folder), "system", "service", "--time=0", server.url], env=environment)
        try:
            deadline = time.monotonic() + 30
            while not socket.exists():
                assert process.poll() is None, "podman ends at once"
                assert time.monotonic() < deadline, "podman makes no socket"
                time.sleep(0.05)
            yield server
        finally:
            process.terminate()
            process.wait()
    finally:
        server.run("rm", "--all", "--force", "--time=0")
        server.run("rmi", "--all", "--force")
        shutil.rmtree(folder, ignore_errors=True)


def _podman(folder: Path) -> list[str]:
    return ["podman", f"--root={folder}/storage", f"--runroot={folder}/run"]


def _root_file_system() -> bytes:
    """Return BusyBox with its tools as links, as a tar archive."""
    busybox = shutil.which("busybox")
    assert busybox is not None, "busybox is not installed"
    tools = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in ("bin", "tmp", "etc"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            archive.addfile(folder)
        archive.add(busybox, "bin/busybox")
        for tool in tools:
            if tool != "busybox":
                link = tarfile.TarInfo(f"bin/{tool}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                archive.addfile(link)
    return buffer.getvalue()
