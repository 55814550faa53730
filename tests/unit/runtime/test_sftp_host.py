from __future__ import annotations

import pytest

from dagwright.runtime.errors import PublishError
from dagwright.runtime.sftp_host import SftpHost, parse_sftp_host


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("files.example.com", SftpHost(name="files.example.com")),
        (" files.example.com ", SftpHost(name="files.example.com")),
        ("files.example.com:2222", SftpHost(name="files.example.com", port=2222)),
        ("sftp://files.example.com", SftpHost(name="files.example.com")),
        ("sftp://files.example.com/", SftpHost(name="files.example.com")),
        ("sftp://files.example.com:22/in%20box", SftpHost(name="files.example.com", port=22, directory="/in box")),
        ("sftp://h/~/inbox", SftpHost(name="h", directory="inbox")),
        ("sftp://h/~", SftpHost(name="h")),
        ("[::1]:22", SftpHost(name="::1", port=22)),
    ],
)
def test_hosts(host, expected):
    assert parse_sftp_host(host) == expected


@pytest.mark.parametrize(
    ("host", "text"),
    [
        ("ftp://h", "scheme 'ftp'"),
        ("h:99999", "port that is no number"),
        ("h:x", "port that is no number"),
        ("h:0", "is no host name"),
        ("", "is no host name"),
        ("sftp:///dir", "is no host name"),
        ("sftp://h/?a=b", "is no host name"),
    ],
)
def test_no_hosts(host, text):
    with pytest.raises(PublishError, match=text):
        parse_sftp_host(host)


@pytest.mark.parametrize("host", ["sftp://me:hunter2@h/", "me:hunter2@h"])
def test_credentials_are_refused_and_not_repeated(host):
    with pytest.raises(PublishError, match="credentials belong into the Airflow connection") as caught:
        parse_sftp_host(host)
    assert "hunter2" not in str(caught.value)
