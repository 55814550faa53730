"""Takes the place of `dagwright` in the tests of the demo: publishes by the connections that the demo hands over.

It speaks SFTP through paramiko and S3 through boto3, as Airflow's hooks do. Its first argument says how it behaves;
the others are those of `dagwright run`.
"""

import json
import os
import sys
import time
from base64 import b64decode
from pathlib import Path

import boto3
import paramiko

behaviour, *arguments = sys.argv[1:]
assert arguments[:4] == ["run", "examples/typical/dags/penguins.yml", "--env", "dev"], arguments
options = dict(zip(arguments[4::2], arguments[5::2], strict=True))
assert options.keys() == {"--workspace", "--home"}, options

files = {"out/penguins.csv": b"id\n1\n", "out/species.csv": b"species\nGentoo\n"}
folder = Path(options["--workspace"], "penguins", "manual__1")
for name, content in files.items():
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)

if behaviour == "wait":
    print("waiting in", options["--workspace"], flush=True)
    time.sleep(60)
if behaviour == "obey" and os.environ["PENGUINS_BREAK_ROW"]:
    print("validation failed")
    sys.exit(1)
if behaviour == "fail":
    sys.exit(1)

partner = json.loads(os.environ["AIRFLOW_CONN_PARTNER_SFTP"])
transport = paramiko.Transport((partner["host"], partner["port"]))
host_key = paramiko.Ed25519Key(data=b64decode(partner["extra"]["host_key"].split()[1]))
transport.connect(hostkey=host_key, username=partner["login"], password=partner["password"])
sftp = paramiko.SFTPClient.from_transport(transport)
assert sftp is not None

aws = json.loads(os.environ["AIRFLOW_CONN_AWS_DEFAULT"])
s3 = boto3.client(
    "s3",
    endpoint_url=aws["extra"]["endpoint_url"],
    region_name=aws["extra"]["region_name"],
    aws_access_key_id=aws["login"],
    aws_secret_access_key=aws["password"],
)

for name, content in files.items():
    if behaviour == "spoil" and name == "out/species.csv":
        continue
    sent = content.replace(b"1", b"2") if behaviour == "spoil" else content
    with sftp.open(Path(name).name, "wb") as file:
        file.write(sent)
    s3.put_object(Bucket="penguins", Key=f"public/{Path(name).name}", Body=sent)
if behaviour == "spoil":
    sftp.mkdir("left")
    with sftp.open("left/.penguins.csv.part", "wb") as file:
        file.write(b"half")
sftp.close()
transport.close()
