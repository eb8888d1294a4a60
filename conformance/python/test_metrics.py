"""Metrics as Prometheus's own parser reads them, after requests of an unmodified client."""

import datetime
import secrets
import urllib.request
from pathlib import Path

import pytest
import subject
from callers import new_account
from importing import parameters, wrap
from prometheus_client.openmetrics.parser import text_string_to_metric_families

pytestmark = pytest.mark.own_server
DAY = 86400


@pytest.fixture
def watched(tmp_path, region):
    """A client of a server with metrics, and what reads them."""
    server = subject.Server(Path(tmp_path) / "data", "--metrics-listen", "127.0.0.1:0").start()
    try:
        while not server.lines[-1].startswith("Metrics are at "):
            assert server.read_line() is not None, server.log()
        url = server.lines[-1].removeprefix("Metrics are at ")
        yield new_account(server.endpoint, region).client(), lambda: read(url)
        assert server.stop() == 0, server.log()
    finally:
        server.kill()


def read(url):
    """All samples: by name and labels, their values."""
    with urllib.request.urlopen(url, timeout=20) as answer:
        page = answer.read().decode()
    families = list(text_string_to_metric_families(page))
    assert len({family.name for family in families}) == len(families) > 20
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def labels(**given):
    return tuple(sorted(given.items()))


def test_requests_are_counted_by_operation_and_error(watched):
    kms, metrics = watched
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    for _ in range(5):
        kms.encrypt(KeyId=key_id, Plaintext=b"x")
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId="alias/missing")
    samples = metrics()
    for operation, code, count in [("CreateKey", "OK", 1), ("Encrypt", "OK", 5), ("DescribeKey", "NotFoundException", 1)]:
        named = labels(service="kms", operation=operation, code=code)
        assert samples["kagiban_requests_total", named] == count
    assert samples["kagiban_request_duration_seconds_count", labels(service="kms", operation="Encrypt")] == 5


def test_keys_whose_material_expires_are_watched(watched):
    kms, metrics = watched
    name = "kagiban_seconds_until_key_material_expiration"
    keys = [kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"] for _ in range(2)]
    assert not [sample for sample, _ in metrics() if sample == name]
    for key, days in zip(keys, (10, None)):
        fresh = parameters(kms, key, "RSAES_OAEP_SHA_256")
        material = wrap("RSAES_OAEP_SHA_256", fresh["PublicKey"], secrets.token_bytes(32))
        until = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
        if days:
            until = {"ValidTo": datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)}
        kms.import_key_material(KeyId=key, ImportToken=fresh["ImportToken"], EncryptedKeyMaterial=material, **until)
    rows = {of: value for (sample, of), value in metrics().items() if sample == name}
    assert rows.keys() == {labels(key_arn=keys[0])}
    assert 10 * DAY - 120 < rows[labels(key_arn=keys[0])] <= 10 * DAY
    kms.delete_imported_key_material(KeyId=keys[0])
    assert not [sample for sample, _ in metrics() if sample == name]
