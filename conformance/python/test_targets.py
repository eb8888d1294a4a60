"""Targets over TLS, and what the metrics say of targets: a real server that delivers, anchors, fires events and throttles, to
servers that work and to ones that fail."""

import datetime
import gzip
import json
import time
import urllib.request

import pytest
import subject
from bucket import until
from botocore.exceptions import ClientError
from callers import Account
from certified import Authority, Target
from prometheus_client.openmetrics.parser import text_string_to_metric_families

pytestmark = pytest.mark.own_server
ACCOUNT, REGION = "111122223333", "eu-central-1"


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "authority")


@pytest.fixture
def targets(authority):
    """What makes a target by its name, of the authority unless another is given."""
    made = []

    def make(name, of=authority, **more):
        made.append(Target(of, name, **more))
        return made[-1]

    yield make
    for target in made:
        target.close()


@pytest.fixture
def serving(tmp_path):
    """Starts a server with options that trusts, of itself, the authorities in a file and nobody else."""
    started = []

    def start(*options, trusting, metrics=False):
        words = ["--metrics-listen", "127.0.0.1:0"] if metrics else []
        variables = {"SSL_CERT_FILE": str(trusting), "SSL_CERT_DIR": ""}
        server = subject.Server(tmp_path / "data", *words, *map(str, options), variables=variables).start()
        started.append(server)
        return server

    yield start
    for server in started:
        if server.is_running():
            server.kill()


def kms_of(server):
    return Account(server.endpoint, ACCOUNT, ACCOUNT, "test", REGION).client()


def rules(tmp_path, *webhooks):
    """A file of rules: each CreateKey goes to these webhooks, given as name, URL and file of authorities, if any."""
    secret = tmp_path / "secret"
    secret.write_text("a secret that nobody else knows\n")
    secret.chmod(0o600)
    text = ""
    for name, url, ca_file in webhooks:
        text += f'[[target]]\nname = "{name}"\ntype = "webhook"\nurl = "{url}"\nsecret-file = "{secret}"\n'
        text += f'ca-file = "{ca_file}"\n' if ca_file else ""
    names = json.dumps([name for name, *_ in webhooks])
    pattern = json.dumps({"detail": {"eventName": ["CreateKey"]}})
    path = tmp_path / "rules.toml"
    path.write_text(f"{text}[[rule]]\nname = \"created\"\npattern = '{pattern}'\ntargets = {names}\n")
    return path


@pytest.mark.parametrize("form", ["lines", "records"])
def test_a_collector_over_tls_gets_the_records(serving, targets, authority, form):
    collector = targets("collector")
    server = serving("--audit-deliver", collector.url, "--audit-collector-form", form, trusting=authority.file)
    kms = kms_of(server)
    wanted = {kms.create_key()["KeyMetadata"]["Arn"] for _ in range(3)}
    last = 0
    while wanted:
        taken = collector.next()
        assert (taken.method, taken.path, taken.version) == ("POST", "/collector", "TLSv1.3")
        if form == "lines":
            assert taken.headers["content-type"] == "application/x-ndjson" and taken.body.endswith(b"\n")
            records = [json.loads(line) for line in taken.body.splitlines()]
        else:
            assert taken.headers["content-type"] == "application/json"
            document = json.loads(taken.body)
            assert document.keys() == {"Records"}
            records = document["Records"]
        first, _, until_record = taken.headers["x-kagiban-records"].partition("-")
        assert int(first) == last + 1 and records
        last = int(until_record)
        wanted -= {resource["ARN"] for record in records for resource in record.get("resources", ())}


def test_a_bucket_over_tls_gets_log_files(serving, targets, authority, tmp_path):
    bucket = targets("bucket")
    credentials = tmp_path / "credentials"
    credentials.write_text("[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = of-the-bucket-alone\n")
    server = serving(
        *("--audit-deliver", "s3://logs/of", "--audit-s3-endpoint", f"https://{bucket.address}"),
        *("--audit-s3-credentials", credentials, "--audit-deliver-every", "100ms"),
        trusting=authority.file,
    )
    arn = kms_of(server).create_key()["KeyMetadata"]["Arn"]

    def is_there():
        taken = bucket.next()
        assert (taken.method, taken.version) == ("PUT", "TLSv1.3")
        assert taken.path.startswith(f"/logs/of/AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/")
        assert "Credential=AKIDEXAMPLE/" in taken.headers["authorization"]
        return arn in gzip.decompress(taken.body).decode()

    until(is_there, "the log file with the record came")


def test_an_anchor_over_tls_gets_the_head(serving, targets, authority):
    anchor = targets("anchor")
    server = serving("--audit-anchor", anchor.url, trusting=authority.file)
    kms_of(server).create_key()
    assert server.stop() == 0, server.log()
    taken = anchor.next()
    assert (taken.method, taken.path, taken.version) == ("POST", "/anchor", "TLSv1.3")
    assert taken.body


@pytest.mark.parametrize("by", ["ca-file", "SSL_CERT_FILE"])
def test_a_webhook_over_tls_gets_events(serving, targets, authority, tmp_path, by):
    """By the authorities in its own file the machine's do not count, and the other way round."""
    other = Authority(tmp_path, "other")
    hook = targets("hook", of=other)
    file = rules(tmp_path, ("hook", hook.url, other.file if by == "ca-file" else None))
    server = serving("--rules", file, trusting=authority.file if by == "ca-file" else other.file)
    arn = kms_of(server).create_key()["KeyMetadata"]["Arn"]
    taken = hook.next()
    assert (taken.method, taken.version, taken.headers["kagiban-rule"]) == ("POST", "TLSv1.3", "created")
    assert json.loads(taken.body)["detail"]["responseElements"]["keyMetadata"]["arn"] == arn


def test_whom_a_wrong_authority_vouches_for_gets_nothing(serving, targets, authority, tmp_path):
    """The machine trusts `authority`, the certificates are of another: each kind of target is refused in the handshake."""
    other = Authority(tmp_path, "other")
    collector, bucket, anchor = (targets(name, of=other) for name in ("collector", "bucket", "anchor"))
    by_machine, by_file = (targets(name, of=other) for name in ("by-machine", "by-file"))
    credentials = tmp_path / "credentials"
    credentials.write_text("aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = of-the-bucket-alone\n")
    hooks = ("by-machine", by_machine.url, None), ("by-file", by_file.url, authority.file)
    server = serving(
        *("--audit-deliver", collector.url, "--audit-deliver", "s3://logs", "--audit-deliver-every", "100ms"),
        *("--audit-s3-endpoint", f"https://{bucket.address}", "--audit-s3-credentials", credentials),
        *("--audit-anchor", anchor.url, "--rules", rules(tmp_path, *hooks)),
        trusting=authority.file,
    )
    kms_of(server).create_key()
    refused = [collector, bucket, by_machine, by_file]
    until(lambda: all(target.failed_handshakes for target in refused), "each handshake was refused")
    server.stop()
    for target in [*refused, anchor]:
        assert target.failed_handshakes, target.url
        assert all("unknown ca" in error.lower() or "unknown_ca" in error.lower() for error in target.failed_handshakes)
        assert target.taken.empty()


def read(server):
    """All samples of a server's metrics: by name and labels, their values."""
    (line,) = [line for line in server.lines if line.startswith("Metrics are at ")]
    with urllib.request.urlopen(line.removeprefix("Metrics are at "), timeout=20) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def test_the_metrics_say_how_targets_fare(serving, targets, authority, tmp_path):
    working, failing = targets("working"), targets("failing", status=503)
    good_hook, bad_hook = targets("good-hook"), targets("bad-hook", status=500)
    good_anchor, bad_anchor = targets("good-anchor"), targets("bad-anchor", status=403)
    server = serving(
        *("--audit-deliver", working.url, "--audit-deliver", failing.url),
        *("--audit-anchor", good_anchor.url, "--audit-anchor", bad_anchor.url),
        *("--rules", rules(tmp_path, ("good", good_hook.url, None), ("bad", bad_hook.url, None))),
        *("--quotas", "real", "--quota", "ListKeys=1"),
        trusting=authority.file,
        metrics=True,
    )
    while not any(line.startswith("Metrics are at ") for line in server.lines):
        assert server.read_line() is not None, server.log()
    began = time.time()
    kms = kms_of(server)
    keys = [kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2)]
    kms.enable_key_rotation(KeyId=keys[0])
    throttled = 0
    while throttled < 3:
        try:
            kms.list_keys()
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ThrottlingException"
            throttled += 1
    until(lambda: good_hook.taken.qsize() >= 2 and bad_hook.taken.qsize() >= 2, "the events are on their way")
    until(lambda: not failing.taken.empty(), "the target that fails was tried")
    until(lambda: not good_anchor.taken.empty() and not bad_anchor.taken.empty(), "the anchors were tried")
    rotation = ("kagiban_compliance_findings", "cmk-backing-key-rotation-enabled")
    until(lambda: read(server)[rotation] == 1, "the finding")
    lag = "kagiban_audit_delivery_lag_records"
    until(lambda: read(server)[lag, working.url] == 0, "one target has everything")
    ages = ("kagiban_audit_delivery_lag_seconds", failing.url), ("kagiban_events_target_lag_seconds", "bad")
    until(lambda: all(read(server)[age] > 0 for age in ages), "what fails is behind for a while")

    def settled():
        """What the metrics say once the rules have looked at every record, which is soon after it is written."""
        samples = read(server)
        return samples["kagiban_events_records_total",] == samples["kagiban_audit_sequence",] and samples

    samples = until(settled, "the rules have looked at everything")
    assert samples["kagiban_throttled_requests_total", "ListKeys"] == throttled
    written = samples["kagiban_audit_sequence",]
    assert samples[lag, failing.url] == written >= 6
    assert samples["kagiban_audit_delivery_lag_seconds", working.url] == 0
    assert [samples["kagiban_audit_delivery_failing", target.url] for target in (working, failing)] == [0, 1]
    # Anchors are called by their address without its port.
    good, bad = "https://localhost/good-anchor", "https://localhost/bad-anchor"
    assert [samples["kagiban_audit_anchor_failing", anchor] for anchor in (good, bad)] == [0, 1]
    for target in (working, failing):
        assert samples["kagiban_audit_delivery_lost_records_total", target.url] == 0
    last = "kagiban_audit_anchor_last_success_timestamp_seconds"
    assert began - 60 <= samples[last, good] <= time.time()
    assert (last, bad) not in samples
    assert samples["kagiban_audit_anchor_failures_total", good] == 0
    assert samples["kagiban_audit_anchor_failures_total", bad] >= 1
    assert samples["kagiban_audit_anchor_lag_records", bad] == written
    assert samples["kagiban_audit_anchor_lag_records", good] <= written
    assert samples["kagiban_events_firings_total",] == 2
    assert samples["kagiban_events_delivered_total",] == 2
    assert samples["kagiban_events_failed_attempts_total",] >= 2
    assert samples["kagiban_events_dead_letters_total",] == 0
    assert samples["kagiban_events_lag_records",] == 0
    waiting = "kagiban_events_target_waiting"
    assert (samples[waiting, "good"], samples[waiting, "bad"]) == (0, 2)
    assert samples["kagiban_events_target_lag_seconds", "good"] == 0
    for age in ages:
        assert 0 < samples[age] <= time.time() - began + 2, age
    assert samples["kagiban_compliance_findings", "kms-cmk-not-scheduled-for-deletion"] == 0

    # What failed works again, and catches up.
    failing.status, bad_hook.status = 200, 204
    kms.enable_key_rotation(KeyId=keys[1])
    until(lambda: read(server)["kagiban_audit_delivery_failing", failing.url] == 0, "the target works again")
    until(lambda: read(server)[lag, failing.url] == 0, "it has caught up")
    until(lambda: read(server)[waiting, "bad"] == 0, "the events arrived")
    until(lambda: read(server)[rotation] == 0, "the finding is gone")
    assert read(server)["kagiban_events_delivered_total",] == 4
