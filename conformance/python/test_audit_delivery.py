"""The audit as CloudTrail's users have it: log files in a bucket, validated by AWS's own tool, and events looked up.

A server of one's own lives through some hours in a moment, and a real S3 server has the bucket."""

import contextlib
import datetime
import gzip
import json
import os
import subprocess
import urllib.request

import pytest
import subject
from bucket import BucketServer, until
from callers import Account, allow, new_account
from cli import AWS
from expect import refused

pytestmark = pytest.mark.own_server

# Short: this S3 server makes file names of bucket and object, and they must not be longer than 255 bytes.
BUCKET = "logs"
PREFIX = "o/h"


class Deployment:
    """A server that delivers to a bucket and a directory, and its clock."""

    def __init__(self, folder, region):
        self.folder = folder
        self.account = new_account("", region)
        self.bucket = BucketServer(folder / "s3", self.account, BUCKET).start()
        credentials = folder / "credentials"
        lines = f"aws_access_key_id = {self.account.access_key}\naws_secret_access_key = {self.account.secret}\n"
        credentials.write_text("[default]\n" + lines)
        self.directory = folder / "logs"
        self.server = subject.Server(
            folder / "data",
            *("--audit-deliver", f"s3://{BUCKET}/{PREFIX}", "--audit-deliver", f"dir:{self.directory}"),
            *("--audit-s3-endpoint", self.bucket.endpoint, "--audit-s3-credentials", str(credentials)),
            *("--audit-deliver-every", "100ms"),
        )
        self.start()

    def start(self):
        self.server.start()
        self.account = Account(
            self.server.endpoint, self.account.id, self.account.access_key, self.account.secret, self.account.region
        )
        return self

    def close(self):
        if self.server.is_running():
            self.server.kill()
        self.bucket.stop()

    def client(self, service="cloudtrail", **more):
        return self.account.client(service=service, **more)

    @property
    def trail_arn(self):
        return f"arn:aws:cloudtrail:{self.account.region}:{self.account.id}:trail/kagiban"

    def log_files(self):
        return self.bucket.objects(f"/{self.account.id}/CloudTrail/")

    def digests(self):
        names = self.bucket.objects(f"/{self.account.id}/CloudTrail-Digest/")
        return [name for name in names if name.endswith(".json.gz")]

    def records(self):
        """All records that were delivered."""
        contents = (gzip.decompress(self.bucket.get(name)[0]) for name in self.log_files())
        return [record for content in contents for record in json.loads(content)["Records"]]

    def call_and_deliver(self):
        """Makes a key, and waits until its record is in the bucket."""
        arn = self.client("kms").create_key()["KeyMetadata"]["Arn"]
        until(lambda: any(arn in json.dumps(record) for record in self.records()), "the record is delivered")
        return arn

    def an_hour_later(self):
        """Moves the clock, and waits for the digests of the hour that is over."""
        before = len(self.digests())
        operator = Account(self.server.endpoint, "000000000000", "test", "test", self.account.region)
        variables = {**os.environ, **operator.variables}
        subprocess.run([subject.binary(), "clock", "advance", "1h"], check=True, capture_output=True, env=variables)
        until(lambda: len(self.digests()) > before, "the digest is delivered")

    def validate(self):
        """What `aws cloudtrail validate-logs` says of everything, and its exit status."""
        first, last = (time_of(self.digests()[at]) for at in (0, -1))
        command = [AWS, "cloudtrail", "validate-logs", "--trail-arn", self.trail_arn, "--verbose"]
        command += ["--start-time", earlier(first), "--end-time", last]
        endpoints = {"AWS_ENDPOINT_URL_S3": self.bucket.endpoint, "AWS_ENDPOINT_URL_CLOUDTRAIL": self.server.endpoint}
        variables = {**os.environ, **self.account.variables, **endpoints}
        result = subprocess.run(command, capture_output=True, text=True, env=variables, cwd=self.folder)
        return result.returncode, result.stdout + result.stderr


def time_of(digest):
    """The end of a digest's hour, by its name, as AWS's tool takes it."""
    text = digest[-24:-8]
    return f"{text[:4]}-{text[4:6]}-{text[6:11]}:{text[11:13]}:{text[13:]}"


def earlier(time):
    """The hour before, of the same day or the one before."""
    at = datetime.datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ") - datetime.timedelta(hours=1)
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory, region):
    """A deployment with three hours behind it: two with events and one without."""
    deployment = Deployment(tmp_path_factory.mktemp("delivery"), region)
    with contextlib.closing(deployment):
        for _ in range(2):
            deployment.call_and_deliver()
            deployment.call_and_deliver()
            deployment.an_hour_later()
        deployment.an_hour_later()
        yield deployment


def test_validate_logs_accepts_what_was_delivered(deployment):
    status, said = deployment.validate()
    assert status == 0, said
    digests = [json.loads(gzip.decompress(deployment.bucket.get(name)[0])) for name in deployment.digests()]
    counts = [len(digest["logFiles"]) for digest in digests]
    # Besides the two calls of an hour, the service records by itself when a key's compliance changes.
    assert counts[0] >= 2 and counts[1] >= 2 and len(counts) == 3
    assert "3/3 digest files valid" in said, said
    assert f"{sum(counts)}/{sum(counts)} log files valid" in said, said
    assert "INVALID" not in said and "No log files were delivered" not in said, said


# (A last digest that is removed is not missed by this tool, nor could it be: the one before is the last then.)
@pytest.mark.parametrize(
    "what, done",
    [("log file", "changed"), ("log file", "removed")]
    + [("digest 0", done) for done in ("changed", "removed", "signed by nobody")]
    + [("digest 1", done) for done in ("changed", "removed", "signed by nobody")]
    + [("digest 2", done) for done in ("changed", "signed by nobody")],
)
def test_validate_logs_refuses_what_was_tampered_with(deployment, what, done):
    bucket = deployment.bucket
    name = deployment.log_files()[1] if what == "log file" else deployment.digests()[int(what.split()[1])]
    content, metadata = bucket.get(name)
    try:
        if done == "removed":
            bucket.delete(name)
        elif done == "changed":
            bucket.put(name, gzip.compress(gzip.decompress(content) + b" "), metadata)
        else:
            bucket.put(name, content, {**metadata, "signature": "00" * 256})
        status, said = deployment.validate()
    finally:
        bucket.put(name, content, metadata)
    assert status == 1, said
    assert f"{name}\tINVALID" in said, said
    assert deployment.validate()[0] == 0


def test_the_directory_has_the_same_as_the_bucket(deployment):
    below = deployment.directory / "AWSLogs" / deployment.account.id

    def events():
        files = [file.read_bytes() for file in (below / "CloudTrail").rglob("*.json.gz")]
        records = [record for text in files for record in json.loads(gzip.decompress(text))["Records"]]
        return sorted(record["eventID"] for record in records)

    # The targets go at a pace of their own.
    until(lambda: events() == sorted(r["eventID"] for r in deployment.records()), "both have the same records")
    digests = sorted((below / "CloudTrail-Digest").rglob("*.json.gz"))
    assert [file.name for file in digests] == [name.rpartition("/")[2] for name in deployment.digests()]
    for digest in digests:
        metadata = json.loads(digest.with_name(digest.name + ".metadata.json").read_text())
        assert metadata["signature-algorithm"] == "SHA256withRSA" and len(metadata["signature"]) == 512


def verify_delivered(deployment, directory=None):
    """What `kagiban audit verify` says of the directory, beside the running server, and its exit status."""
    command = [subject.binary(), "audit", "verify", "--data", deployment.folder / "data"]
    command += ["--delivered", directory or deployment.directory]
    result = subprocess.run(command, capture_output=True, text=True)
    return result.returncode, result.stdout + result.stderr


def test_kagiban_verifies_the_directory_with_the_records(deployment):
    below = deployment.directory / "AWSLogs" / deployment.account.id
    digests = sorted(below.joinpath("CloudTrail-Digest").rglob("*.json.gz"))
    logs = sorted(below.joinpath("CloudTrail").rglob("*.json.gz"))
    until(lambda: verify_delivered(deployment)[0] == 0, "the directory is sound")
    for file, done, says in [
        (logs[0], "removed", "the log file is missing"),
        (logs[1], "changed", "not the log file that its digest names"),
        (digests[-1], "removed", "the digest is missing"),
        (digests[0], "changed", "the digest is not signed by a known key"),
    ]:
        content = file.read_bytes()
        try:
            if done == "removed":
                file.unlink()
            else:
                file.write_bytes(gzip.compress(gzip.decompress(content).replace(b"e", b"E", 1)))
            status, said = verify_delivered(deployment)
        finally:
            file.write_bytes(content)
        assert status == 1 and f"{says} ({file})" in said, said
    assert verify_delivered(deployment)[0] == 0


def test_kagiban_verifies_a_copy_of_the_bucket(deployment, tmp_path):
    copy = tmp_path / "copy"

    def sync():
        command = [AWS, "s3", "sync", f"s3://{BUCKET}/{PREFIX}", copy, "--delete"]
        variables = {**os.environ, **deployment.account.variables, "AWS_ENDPOINT_URL_S3": deployment.bucket.endpoint}
        subprocess.run(command, check=True, capture_output=True, env=variables, cwd=tmp_path)
        return verify_delivered(deployment, copy)

    status, said = sync()
    assert status == 0, said
    count = len(list(copy.rglob("CloudTrail-Digest/**/*.json.gz")))
    assert count >= 3 and f"{count} digests" in said, said
    log, digest = deployment.log_files()[0], deployment.digests()[1]
    for name, says in [
        (log, "the log file is missing"),
        (digest, "the digest is missing"),
        (f"{digest}.metadata.json", "the digest is not signed by a known key"),
    ]:
        content, metadata = deployment.bucket.get(name)
        try:
            deployment.bucket.delete(name)
            status, said = sync()
        finally:
            deployment.bucket.put(name, content, metadata)
        file = copy / name.removesuffix(".metadata.json").removeprefix(f"{PREFIX}/")
        assert status == 1 and f"{says} ({file})" in said, said
    assert sync()[0] == 0


def test_the_metadata_of_a_digest_makes_the_object_beside_it(deployment, tmp_path):
    """As the manual has it for digests of versions that put none there."""
    name = deployment.digests()[0]
    _, metadata = deployment.bucket.get(name)
    beside, none = deployment.bucket.get(f"{name}.metadata.json")
    command = [AWS, "s3api", "head-object", "--bucket", BUCKET, "--key", name, "--query", "Metadata"]
    variables = {**os.environ, **deployment.account.variables, "AWS_ENDPOINT_URL_S3": deployment.bucket.endpoint}
    shown = subprocess.run(command, check=True, capture_output=True, env=variables)
    assert json.loads(shown.stdout) == json.loads(beside) == metadata and none == {}


def test_a_kill_leaves_the_chain_whole(tmp_path, region):
    deployment = Deployment(tmp_path, region)
    with contextlib.closing(deployment):
        made = [deployment.call_and_deliver()]
        deployment.an_hour_later()
        for _ in range(3):
            made.append(deployment.client("kms").create_key()["KeyMetadata"]["Arn"])
            deployment.server.kill()
            deployment.start()
            deployment.an_hour_later()
        made.append(deployment.call_and_deliver())
        deployment.an_hour_later()
        status, said = deployment.validate()
        assert status == 0, said
        until(lambda: verify_delivered(deployment)[0] == 0, "what was delivered is sound")
        created = [r["responseElements"]["keyMetadata"]["arn"] for r in deployment.records() if r["eventName"] == "CreateKey"]
        assert sorted(created) == sorted(made)


def test_a_bucket_that_is_down_is_seen_and_caught_up_with(tmp_path, region):
    deployment = Deployment(tmp_path, region)
    with contextlib.closing(deployment):
        trail = deployment.client()
        deployment.call_and_deliver()
        until(lambda: trail.get_trail_status(Name=deployment.trail_arn).get("LatestDeliveryTime"), "it is told of")
        status = trail.get_trail_status(Name=deployment.trail_arn)
        assert status["IsLogging"] and "LatestDeliveryError" not in status
        deployment.bucket.stop()
        arn = deployment.client("kms").create_key()["KeyMetadata"]["Arn"]
        error = until(
            lambda: trail.get_trail_status(Name=deployment.trail_arn).get("LatestDeliveryError"), "the status tells of it"
        )
        assert "cannot connect" in error or "exchange" in error, error
        assert "records wait" in error
        assert deployment.client("kms").describe_key(KeyId=arn)["KeyMetadata"]["Arn"] == arn
        deployment.bucket.start()
        until(lambda: arn in json.dumps(deployment.records()), "what waited is delivered")
        until(
            lambda: "LatestDeliveryError" not in trail.get_trail_status(Name=deployment.trail_arn), "the error is gone"
        )


def test_the_trail_is_described(deployment):
    trail = deployment.client()
    (described,) = trail.describe_trails()["trailList"]
    assert described["TrailARN"] == deployment.trail_arn
    assert (described["S3BucketName"], described["S3KeyPrefix"]) == (BUCKET, PREFIX)
    assert described["IsMultiRegionTrail"] and described["LogFileValidationEnabled"]
    assert trail.get_trail(Name=deployment.trail_arn)["Trail"] == described
    (listed,) = trail.list_trails()["Trails"]
    assert listed == {"TrailARN": deployment.trail_arn, "Name": "kagiban", "HomeRegion": deployment.account.region}
    assert trail.get_trail_status(Name="kagiban")["LatestDigestDeliveryTime"]
    refused(trail.get_trail, "TrailNotFoundException", Name="another")
    refused(trail.get_trail, "CloudTrailARNInvalidException", Name="arn:aws:s3:::x")


def test_public_keys_sign_the_digests(deployment):
    (key,) = deployment.client().list_public_keys()["PublicKeyList"]
    content, _ = deployment.bucket.get(deployment.digests()[0])
    assert json.loads(gzip.decompress(content))["digestPublicKeyFingerprint"] == key["Fingerprint"]
    assert key["Value"].startswith(b"\x30\x82\x01\x0a")
    (path,) = (deployment.folder / "data/audit/keys").glob("*.pem")
    assert path.stem == key["Fingerprint"]


def lookup_events(caller, *words):
    command = [AWS, "cloudtrail", "lookup-events", *words]
    result = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **caller.variables})
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["Events"]


def test_lookup_events_with_the_command_line(deployment):
    created = lookup_events(deployment.account, "--lookup-attributes", "AttributeKey=EventName,AttributeValue=CreateKey")
    assert [event["EventName"] for event in created] == ["CreateKey"] * 4
    record = json.loads(created[0]["CloudTrailEvent"])
    delivered = {record["eventID"]: record for record in deployment.records()}
    assert delivered[created[0]["EventId"]] == record
    arn = record["responseElements"]["keyMetadata"]["arn"]
    assert {"ResourceType": "AWS::KMS::Key", "ResourceName": arn} in created[0]["Resources"]
    assert created[0]["Username"] == "root"
    by_name = lookup_events(deployment.account, "--lookup-attributes", f"AttributeKey=ResourceName,AttributeValue={arn}")
    calls = [event["EventId"] for event in by_name if event["EventName"] != "ComplianceChange"]
    assert calls == [created[0]["EventId"]]
    assert len(lookup_events(deployment.account, "--max-items", "3")) == 3


def test_lookup_events_page_by_page_and_newest_first(deployment):
    trail = deployment.client()
    attributes = [{"AttributeKey": "EventSource", "AttributeValue": "kms.amazonaws.com"}]
    pages = list(trail.get_paginator("lookup_events").paginate(LookupAttributes=attributes, PaginationConfig={"PageSize": 1}))
    events = [event for page in pages for event in page["Events"]]
    assert len(events) == 4 and all(len(page["Events"]) <= 1 for page in pages)
    times = [event["EventTime"] for event in events]
    assert times == sorted(times, reverse=True) and times[0] > times[-1]
    found = trail.lookup_events(LookupAttributes=attributes, StartTime=times[-1], EndTime=times[-1])["Events"]
    assert {event["EventTime"] for event in found} == {times[-1]}
    refused(trail.lookup_events, "InvalidTimeRangeException", StartTime=times[0], EndTime=times[-1])
    refused(trail.lookup_events, "InvalidLookupAttributesException", LookupAttributes=attributes * 2)
    refused(trail.lookup_events, "InvalidMaxResultsException", MaxResults=51)
    refused(trail.lookup_events, "InvalidNextTokenException", NextToken="nonsense")


def test_who_may_look_up_events(deployment):
    account = deployment.account
    reader = account.user("reader", allow("cloudtrail:LookupEvents"))
    assert reader.client(service="cloudtrail").lookup_events(MaxResults=1)["Events"]
    message = refused(reader.client(service="cloudtrail").list_public_keys, "AccessDeniedException")
    assert f"cloudtrail:ListPublicKeys on resource: {deployment.trail_arn}" in message
    stranger = new_account(account.endpoint, account.region).client(service="cloudtrail")
    own = stranger.lookup_events()["Events"]
    assert all(json.loads(event["CloudTrailEvent"])["recipientAccountId"] != account.id for event in own)
    by_name = ("--max-items", "1", "--lookup-attributes", "AttributeKey=Username,AttributeValue=reader")

    def refusal():
        """What was found last; records are found once they are on the disk, within a second."""
        (event,) = lookup_events(account, *by_name) or [None]
        return event and event["EventName"] == "ListPublicKeys" and event

    event = until(refusal, "the refused call is found")
    assert json.loads(event["CloudTrailEvent"])["errorCode"] == "AccessDenied"


def test_standard_output_has_one_record_in_each_line(tmp_path, region):
    ready = tmp_path / "ready"
    command = [subject.binary(), "serve", "--dev", "--listen", "127.0.0.1:0", "--data", tmp_path / "data"]
    command += ["--audit-deliver", "stdout", "--ready-file", ready]
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        until(ready.exists, "the server is ready")
        account = new_account(ready.read_text().strip(), region)
        with urllib.request.urlopen(f"{account.endpoint}/healthz"):
            pass
        for _ in range(3):
            account.client().list_keys()
        records = [json.loads(process.stdout.readline()) for _ in range(3)]
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=subject.STOP_SECONDS)
    assert [record["eventName"] for record in records] == ["ListKeys"] * 3
    assert {record["recipientAccountId"] for record in records} == {account.id}
    assert rest == ""


def test_the_operator_sees_the_targets(deployment):
    operator = Account(deployment.server.endpoint, "000000000000", "test", "test", deployment.account.region)
    command = [subject.binary(), "audit", "status", "--output", "json"]
    shown = subprocess.run(command, check=True, capture_output=True, env={**os.environ, **operator.variables})
    targets = [delivery["Target"] for delivery in json.loads(shown.stdout)["Deliveries"]]
    assert targets == [f"s3://{BUCKET}/{PREFIX}", f"dir:{deployment.directory}"]
