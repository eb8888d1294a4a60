"""A bucket that a real S3 server serves: s3s-fs, which `scripts/test python` installs."""

import os
import socket
import subprocess
import time
from pathlib import Path

import boto3
import subject
from botocore.exceptions import ClientError, EndpointConnectionError

READY_SECONDS = 30


def program():
    """The S3 server: KAGIBAN_CONFORMANCE_S3, else where `scripts/test` puts it."""
    installed = subject.REPOSITORY / "target/conformance/s3/bin/s3s-fs"
    return Path(os.environ.get("KAGIBAN_CONFORMANCE_S3") or installed)


class BucketServer:
    """One S3 server on a loopback port, with one bucket whose owner is an account of ours."""

    def __init__(self, folder, account, bucket):
        self.folder = Path(folder)
        self.bucket = bucket
        self._credentials = (account.access_key, account.secret)
        self._process = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self._port}"
        self.client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=account.region,
            aws_access_key_id=account.access_key,
            aws_secret_access_key=account.secret,
        )

    def start(self):
        self.folder.mkdir(exist_ok=True)
        access_key, secret = self._credentials
        command = [program(), "--host", "127.0.0.1", "--port", str(self._port)]
        command += ["--access-key", access_key, "--secret-key", secret, self.folder]
        with open(self.folder.with_suffix(".log"), "ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._answers, "the S3 server answers")
        return self

    def _answers(self):
        assert self._process.poll() is None, self.folder.with_suffix(".log").read_text()
        try:
            self.client.create_bucket(Bucket=self.bucket)
        except EndpointConnectionError:
            return False
        except ClientError as error:
            return error.response["Error"]["Code"] in ("BucketAlreadyExists", "BucketAlreadyOwnedByYou")
        return True

    def stop(self):
        self._process.kill()
        self._process.wait()

    def objects(self, containing=""):
        """The names of all objects whose names contain this text, in their order."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return sorted(o["Key"] for page in pages for o in page.get("Contents", ()) if containing in o["Key"])

    def get(self, name):
        answer = self.client.get_object(Bucket=self.bucket, Key=name)
        return answer["Body"].read(), answer["Metadata"]

    def put(self, name, content, metadata):
        self.client.put_object(Bucket=self.bucket, Key=name, Body=content, Metadata=metadata)

    def delete(self, name):
        self.client.delete_object(Bucket=self.bucket, Key=name)


def until(is_so, what):
    """Looks again and again until it is so: what is waited for happens in another process, which nothing else tells of."""
    deadline = time.monotonic() + READY_SECONDS
    while not (found := is_so()):
        assert time.monotonic() < deadline, f"not within {READY_SECONDS} s: {what}"
    return found
