"""What comes due by itself, on nodes whose clocks move past its dates: keys rotate, keys go whose waiting period is over, and imported
material that was valid until then. Nodes and a member are killed and stand still meanwhile. Afterwards each date must have done what
it does once and wholly, on every node, and no date too early."""

import datetime
import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import importing
import needs
from botocore.exceptions import BotoCoreError, ClientError
from history.deployment import NODES
from history.records import Failed

NAME = "dates"
DAY_SECONDS = 86400
# The shortest periods that there are; what is kept would go much later.
ROTATION_DAYS, DELETION_DAYS, KEPT_DAYS, VALID_DAYS = 90, 7, 30, 5
# How far the clocks move each time, and how often keys have rotated by then.
MOVES = ((8, 0), (84, 1), (91, 2))
# Half a period: rotations that are nearer than that are not of two dates.
APART = datetime.timedelta(days=ROTATION_DAYS / 2)
OF_EACH_KIND = 3
DONE_SECONDS = 120
PAUSE_SECONDS = 3
ROTATED, DELETED, KEPT, EXPIRED = "rotated", "deleted", "kept", "expired"
GONE = {"NotFoundException"}
# What is told of a ciphertext of a key that is not there, and of any key that is none of the caller's.
NOT_OPENED = {"AccessDeniedException"}

# In which states keys may be, and what is told then of what was encrypted with their first material; None: it opens.
CLOSED = "KMSInvalidStateException"
STATES = {ROTATED: {"Enabled": None}, KEPT: {"PendingDeletion": CLOSED, "Enabled": None}, EXPIRED: {"PendingImport": CLOSED}}


@dataclass(frozen=True)
class Made:
    """A key that something comes due of, with an alias, a grant, and something that was encrypted with its first material."""

    kind: str
    key: str
    alias: str
    blob: bytes
    material: str


@dataclass(frozen=True)
class Shown:
    """What a node shows of it: its state (None: there is no such key), where its alias leads, whether its grant is listed, the material
    that opens what was encrypted, or why nothing does, for its owner and the grantee; its rotations with their dates."""

    state: str | None
    alias: str | None
    has_grant: bool
    opens: tuple
    rotations: tuple


@dataclass(frozen=True)
class Event:
    """What an audit says the service did to a key: `number` tells whether two records are of the same."""

    name: str
    key: str
    number: str
    material: str | None = None


def possible(deployment):
    """Its name, where clocks can be moved: everywhere, but where tests may do without (see `needs`)."""
    if deployment.clocks.missing:
        needs.do_without("clocks", deployment.clocks.missing)
    return [] if deployment.clocks.missing else [NAME]


def come(deployment, dice):
    """Lets all dates come. Raises `Failed` with what is wrong."""
    made = _make(deployment, dice, f"dates{dice.randrange(10**9)}")
    for days, rotations in MOVES:
        dice.choice((_at_one_moment, _while_serving))(deployment, dice, days * DAY_SECONDS)
        _await(deployment, made, rotations)
        _cancel(deployment, dice, made)
    # Each node has looked for what is due once more.
    for server in deployment.servers:
        server.kill()
        server.start()
    _await(deployment, made, MOVES[-1][1])
    _tidy(deployment.patient_client(dice.randrange(NODES)), made)


def _make(deployment, dice, name):
    made = []
    for kind in (ROTATED, DELETED, KEPT, EXPIRED):
        for number in range(OF_EACH_KIND):
            client = deployment.patient_client(dice.randrange(NODES))
            made.append(_made(deployment, client, kind, f"alias/{name}-{kind}-{number}"))
    return made


def _made(deployment, client, kind, alias):
    if kind == EXPIRED:
        key = importing.external_key(client)
        until = deployment.now() + datetime.timedelta(days=VALID_DAYS)
        importing.imports(client, key, importing.fresh_material("SYMMETRIC_DEFAULT"), ValidTo=until)
    else:
        key = client.create_key()["KeyMetadata"]["KeyId"]
    client.create_alias(AliasName=alias, TargetKeyId=key)
    grantee = deployment.grantee.arn
    client.create_grant(KeyId=key, GranteePrincipal=grantee, RetiringPrincipal=grantee, Operations=["Decrypt"])
    blob = client.encrypt(KeyId=key, Plaintext=b"of the first material")["CiphertextBlob"]
    material = client.decrypt(CiphertextBlob=blob)["KeyMaterialId"]
    if kind == ROTATED:
        client.enable_key_rotation(KeyId=key, RotationPeriodInDays=ROTATION_DAYS)
    elif kind in (DELETED, KEPT):
        days = {DELETED: DELETION_DAYS, KEPT: KEPT_DAYS}[kind]
        client.schedule_key_deletion(KeyId=key, PendingWindowInDays=days)
    return Made(kind, key, alias, blob, material)


def _cancel(deployment, dice, made):
    """What is kept was not due yet, and shall never be."""
    for one in made:
        client = deployment.patient_client(dice.randrange(NODES))
        if one.kind == KEPT and client.describe_key(KeyId=one.key)["KeyMetadata"]["KeyState"] == "PendingDeletion":
            client.cancel_key_deletion(KeyId=one.key)
            client.enable_key(KeyId=one.key)


def _tidy(client, made):
    """What is left would not fit into the pages that workers of later rounds look at. The keys go when the next dates come."""
    for one in made:
        if one.kind != DELETED:
            client.delete_alias(AliasName=one.alias)
            client.schedule_key_deletion(KeyId=one.key, PendingWindowInDays=DELETION_DAYS)


def _at_one_moment(deployment, dice, seconds):
    """All nodes find the same due at their start; one dies over it, as does the member that leads."""
    for server in deployment.servers:
        server.kill()
    deployment.move(seconds)
    with ThreadPoolExecutor(NODES) as threads:
        list(threads.map(lambda server: server.start(), deployment.servers))
    time.sleep(dice.uniform(0, 0.3))
    server = dice.choice(deployment.servers)
    server.kill()
    leader = deployment.cluster.leader()
    deployment.cluster.kill(leader)
    server.start()
    deployment.cluster.run(leader)
    deployment.cluster.wait()


def _while_serving(deployment, dice, seconds):
    """One node stands still while the clocks move and finds everything done, one dies."""
    paused, killed = dice.sample(range(NODES), 2)
    os.kill(deployment.servers[paused].pid, signal.SIGSTOP)
    deployment.move(seconds)
    time.sleep(dice.uniform(0, PAUSE_SECONDS))
    deployment.servers[killed].kill()
    deployment.servers[killed].start()
    time.sleep(dice.uniform(0, PAUSE_SECONDS))
    os.kill(deployment.servers[paused].pid, signal.SIGCONT)


def _await(deployment, made, rotations):
    """Until all is as it has to be."""
    deadline = time.monotonic() + DONE_SECONDS
    while texts := _looked_at(deployment, made, rotations):
        if time.monotonic() > deadline:
            raise Failed("\n\n".join(texts))
        time.sleep(1)


def _looked_at(deployment, made, rotations):
    try:
        shown = [{one.key: _show(deployment, node, one) for one in made} for node in range(NODES)]
        return violations(made, rotations, shown, [_events(deployment, node) for node in range(NODES)])
    except (ClientError, BotoCoreError) as error:
        return [f"a node does not come back: {error}"]


def violations(made, rotations, shown, events):
    """The texts of what is wrong. `shown` is what each node shows of each key, `events` what each node's audit has of them;
    `rotations` the dates to rotate that have passed."""
    texts = []
    for node, of_node in enumerate(shown):
        for one in made:
            texts += [f"node {node}: the {one.kind} key {one.key} {wrong}" for wrong in _wrong(one, of_node[one.key], rotations)]
    for one in made:
        if any(of_node[one.key] != shown[0][one.key] for of_node in shown):
            texts.append(f"the nodes do not show the same of the {one.kind} key {one.key}: {[of_node[one.key] for of_node in shown]}")
        # The same event in two audits is no other one: a node died between its record and its row's end.
        of_key = {event for of_node in events for event in of_node if event.key == one.key}
        wrongly = _wrongly_recorded(one, of_key, shown[0][one.key], rotations)
        texts += [f"the audits of the {one.kind} key {one.key}: {wrong}" for wrong in wrongly]
    return texts


def _wrong(one, shown, rotations):
    if one.kind == DELETED:
        if any((shown.state, shown.alias, shown.has_grant, set(shown.opens) - NOT_OPENED, shown.rotations)):
            yield f"is not gone with everything: {shown}"
        return
    opened = STATES[one.kind]
    if shown.state not in opened:
        yield f"is {shown.state}"
    elif set(shown.opens) != {opened[shown.state] or one.material}:
        yield f"opens with {shown.opens}, its first material being {one.material}"
    if shown.alias != one.key or not shown.has_grant:
        yield f"has lost its alias or grant: {shown}"
    if one.kind == ROTATED:
        yield from _wrongly_rotated(one, shown.rotations, rotations)
    elif shown.rotations:
        yield f"has rotated: {shown.rotations}"


def _wrongly_rotated(one, shown, rotations):
    dates = sorted(date for _, date in shown)
    if len(shown) != rotations:
        yield f"has {len(shown)} rotations after {rotations} dates: {shown}"
    if len({one.material, *(material for material, _ in shown)}) != 1 + len(shown):
        yield f"has a material twice: {one.material}, {shown}"
    if any(later - earlier < APART for earlier, later in zip(dates, dates[1:])):
        yield f"has rotated twice for one date: {shown}"


def _wrongly_recorded(one, events, shown, rotations):
    wanted = {ROTATED: {"RotateKey": rotations}, DELETED: {"DeleteKey": 1}, KEPT: {}, EXPIRED: {"DeleteExpiredKeyMaterial": 1}}
    counted = Counter(event.name for event in events)
    if counted != Counter(wanted[one.kind]):
        yield f"{dict(counted)} where it should be {wanted[one.kind]}: {sorted(map(str, events))}"
    elif one.kind == ROTATED and {event.material for event in events} != {material for material, _ in shown.rotations}:
        yield f"other materials than {shown.rotations}: {sorted(map(str, events))}"


def _show(deployment, node, one):
    client, grantee = deployment.patient_client(node), deployment.grantee_at(node)
    state = _answer(lambda: client.describe_key(KeyId=one.key)["KeyMetadata"]["KeyState"])
    named = {alias["AliasName"]: alias["TargetKeyId"] for page in _pages(client, "list_aliases") for alias in page["Aliases"]}
    grants = client.list_retirable_grants(RetiringPrincipal=deployment.grantee.arn, Limit=100)["Grants"]
    pages = _pages(client, "list_key_rotations", KeyId=one.key)
    rotations = _answer(lambda: tuple((row["KeyMaterialId"], row["RotationDate"]) for page in pages for row in page["Rotations"]))
    return Shown(
        state=None if state in GONE else state,
        # By name it is not found either, where the list does not have it.
        alias=named.get(one.alias) or _named(client, one.alias),
        has_grant=any(grant["KeyId"].endswith(one.key) for grant in grants),
        opens=tuple(_answer(lambda: who.decrypt(CiphertextBlob=one.blob)["KeyMaterialId"]) for who in (client, grantee)),
        rotations=() if isinstance(rotations, str) else rotations,
    )


def _named(client, alias):
    found = _answer(lambda: client.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"])
    return None if found in GONE else found


def _pages(client, name, **members):
    return client.get_paginator(name).paginate(**members)


def _answer(call):
    """What it gives, or the code of a refusal; what a node in trouble says is no answer."""
    try:
        return call()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            raise
        return error.response["Error"]["Code"]


def _events(deployment, node):
    found = []
    for record in deployment.records(node, "--principal", "AWS Internal"):
        details = record.get("serviceEventDetails") or {}
        key = (details.get("keyId") or "").rpartition("/")[2]
        material = details.get("currentKeyMaterialId") if record["eventName"] == "RotateKey" else None
        found.append(Event(record["eventName"], key, record["eventID"], material))
    return found
