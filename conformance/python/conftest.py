"""Starts the subject (or takes the given one), and hands out accounts, keys and servers."""

import functools
import json
import os
import tempfile
from pathlib import Path

import leaks
import pytest
import subject
from callers import ONE_ACCOUNT, new_account
from operations import SYMMETRIC, Key
from ring import Ring


def pytest_collection_modifyitems(items):
    """Leaves out what the subject cannot be asked, and expects the known differences of a foreign subject to fail."""
    known = known_differences(os.environ.get("KAGIBAN_SUBJECT_NAME"))
    for item in items:
        if os.environ.get("KAGIBAN_SUBJECT_ENDPOINT") and item.get_closest_marker("own_server"):
            item.add_marker(pytest.mark.skip(reason="the subject is an endpoint: it cannot be stopped and started"))
        if "KAGIBAN_SUBJECT_ENDPOINT" in os.environ and item.get_closest_marker("web_identity"):
            if "KAGIBAN_SUBJECT_ISSUER" not in os.environ:
                item.add_marker(pytest.mark.skip(reason="the subject does not know the provider of the suites"))
        if ONE_ACCOUNT and item.get_closest_marker("many_accounts"):
            item.add_marker(pytest.mark.skip(reason="the subject has one account"))
        if reason := known.get(item.nodeid.partition("[")[0]):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=False))


def known_differences(name):
    listed = json.loads((Path(__file__).parent.parent / "exceptions.json").read_text())
    return listed.get(name, {}) if name else {}


@pytest.fixture(scope="session")
def endpoint():
    given = os.environ.get("KAGIBAN_SUBJECT_ENDPOINT")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="kagiban-conformance-") as directory:
        server = subject.Server(Path(directory) / "data", *subject.trusting_the_provider(directory)).start()
        yield server.endpoint
        assert server.is_running(), f"the server ended by itself: {server.log()}"
        assert server.stop() == 0, server.log()
        leaks.search()


@pytest.fixture(scope="session", autouse=True)
def no_server_tells_a_secret():
    """What servers write is searched for the secrets of all tests: after each test, and at the end."""
    subject.Server.on_end.append(leaks.server_ended)
    yield
    leaks.search()


@pytest.fixture(autouse=True)
def no_server_told_a_secret():
    yield
    leaks.search()


@pytest.fixture(scope="session", autouse=True)
def only_the_given_environment():
    """No file, profile or metadata service of the machine may change what the clients do."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [
            n for n in os.environ if n.startswith("AWS_ENDPOINT_URL") or n in ("AWS_PROFILE", "AWS_SESSION_TOKEN")
        ]:
            patch.delenv(name)
        for name, value in subject.aws_variables("").items():
            if name not in ("AWS_ENDPOINT_URL", "KAGIBAN_SUBJECT_ENDPOINT"):
                patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def region(only_the_given_environment):
    return os.environ["AWS_REGION"]


@pytest.fixture
def account(endpoint, region):
    """An account of the test's own."""
    return new_account(endpoint, region)


@pytest.fixture
def other_account(endpoint, region):
    """A second account; tests that need one carry the marker many_accounts."""
    return new_account(endpoint, region)


@pytest.fixture
def iam(account):
    return account.client(service="iam")


@pytest.fixture
def sts(account):
    return account.client(service="sts")


@pytest.fixture
def kms(account):
    return account.client()


@pytest.fixture
def key(account, kms):
    """An enabled key of the test's own."""
    return Key.create(account, kms)


@pytest.fixture(scope="module")
def shared_keys(endpoint, region):
    """A key of each kind for a whole module of tests, none of which may change it; all in one account."""
    account = new_account(endpoint, region)
    return functools.cache(lambda kind: Key.create(account, account.client(), kind=kind))


@pytest.fixture(scope="module")
def shared_key(shared_keys):
    return shared_keys(SYMMETRIC)


@pytest.fixture(scope="session")
def ring(endpoint, region):
    """Keys of every spec, usage and origin for the whole session."""
    return Ring(endpoint, region)


@pytest.fixture
def server(tmp_path):
    """A server of the test's own, not yet started, that a test may stop, kill and start again."""
    server = subject.Server(tmp_path / "data")
    yield server
    if server.is_running():
        server.kill()
