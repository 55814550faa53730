"""The demo: `examples/typical` run end to end against an SFTP server and an S3 endpoint on this machine."""
