"""What breaks. Each fault is a context: what is in it happens while it lasts, and at its end all is whole again."""

import base64
import os
import signal
import time
import urllib.error
from contextlib import contextmanager, suppress

import needs
from botocore.exceptions import BotoCoreError, ClientError
from history.deployment import MEMBERS, NODES, QUOTA_BYTES
from history.wires import CUT, HELD, PASSING

JUNK_BYTES = 1 << 20
# How far clocks jump: less than the bound, as much, more, and more than signatures tolerate.
JUMPS_SECONDS = (0.5, 1, 2, 5, 30, 150, 400)
# Back by so much a node still takes our signatures.
JUMPS_BACK_SECONDS = (2, 5, 30, 150)
# How long a full disk may remain unnoticed: the audit's head is written each second.
STOP_SECONDS, MEMBER_END_SECONDS, FILL_SECONDS = 15, 30, 60
NO_ROOM = "database space exceeded"
STOPPED = "the audit journal has stopped"


@contextmanager
def node_killed(deployment, dice):
    """A node dies and is started again."""
    number = dice.randrange(NODES)
    deployment.servers[number].kill()
    yield f"node {number} killed"
    deployment.servers[number].start()


@contextmanager
def member_killed(deployment, dice):
    """A member of etcd dies, the leader as often as not, and is started again."""
    yield from _without_member(deployment, _some_member(deployment, dice))


@contextmanager
def leader_killed(deployment, dice):
    yield from _without_member(deployment, deployment.cluster.leader())


def _without_member(deployment, number):
    deployment.cluster.kill(number)
    yield f"member {number} killed"
    deployment.cluster.run(number)
    deployment.cluster.wait()


@contextmanager
def node_paused(deployment, dice):
    """A node stands still for longer than the bound, and does not know."""
    number = dice.randrange(NODES)
    os.kill(deployment.servers[number].pid, signal.SIGSTOP)
    yield f"node {number} paused"
    os.kill(deployment.servers[number].pid, signal.SIGCONT)


@contextmanager
def member_paused(deployment, dice):
    number = _some_member(deployment, dice)
    deployment.cluster.pause(number)
    yield f"member {number} paused"
    deployment.cluster.resume(number)
    deployment.cluster.wait()


@contextmanager
def node_cut(deployment, dice):
    """A node reaches no member: connections end, or nothing comes through and nobody is told."""
    with _cut(deployment, dice.randrange(NODES), dice.choice((CUT, HELD))) as text:
        yield text


@contextmanager
def _cut(deployment, number, state):
    began = time.monotonic()
    for wire in deployment.to_members[number]:
        deployment.wires.set(wire, state)
    yield f"node {number} {state} off from etcd"
    time.sleep(max(0, began + deployment.bound_seconds - time.monotonic()))
    _check_refuses(deployment, number, "cut off for longer than the bound")
    for wire in deployment.to_members[number]:
        deployment.wires.set(wire, PASSING)


def _check_refuses(deployment, number, when):
    """Health says so, and nothing is decided, neither from memory nor with the store."""
    _check_not_ready(deployment, number, when)
    client = deployment.client(number)
    _check_unanswered(deployment, number, when, (client.list_keys, client.create_key, lambda: client.generate_random(NumberOfBytes=1)))


def _check_not_ready(deployment, number, when):
    """A busy machine may let it take a while to answer at all; but what it answers is 503."""
    deadline = time.monotonic() + STOP_SECONDS
    status, text = deployment.health(number, "/readyz")
    while status is None and time.monotonic() < deadline:
        status, text = deployment.health(number, "/readyz")
    if status != 503:
        deployment.wrong.append(f"node {number}, {when}: /readyz says {status} {text}")


def _check_unanswered(deployment, number, when, requests):
    for ask in requests:
        with suppress(BotoCoreError):
            try:
                deployment.wrong.append(f"node {number}, {when}: answered {ask()}")
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] != 503:
                    deployment.wrong.append(f"node {number}, {when}: answered {error}")


@contextmanager
def wire_held(deployment, dice):
    """Nothing comes through between one node and one member."""
    node, member = dice.randrange(NODES), dice.randrange(MEMBERS)
    deployment.wires.set(deployment.to_members[node][member], HELD)
    yield f"node {node} held off from member {member}"
    deployment.wires.set(deployment.to_members[node][member], PASSING)


@contextmanager
def leader_cut(deployment, dice):
    """The leader is cut off from the other members, both ways, while every node reaches it."""
    leader, state = deployment.cluster.leader(), dice.choice((CUT, HELD))
    names = [deployment.peer_sender(number) for number in range(MEMBERS)]
    ways = [(leader, names[other]) for other in range(MEMBERS) if other != leader]
    ways += [(other, names[leader]) for other in range(MEMBERS) if other != leader]
    for member, sender in ways:
        deployment.wires.set(deployment.peer_wires[member], state, sender)
    yield f"leader {leader} {state} off from the other members"
    for member, sender in ways:
        deployment.wires.set(deployment.peer_wires[member], PASSING, sender)
    deployment.cluster.wait()


@contextmanager
def compacted(deployment, dice):
    """etcd forgets the changes that a node has not seen, which is cut off meanwhile."""
    with node_cut(deployment, dice) as text:
        time.sleep(1)
        revision = int(deployment.etcd("kv/range", {"key": _text("x")})["header"]["revision"])
        deployment.etcd("kv/compaction", {"revision": str(revision), "physical": True})
        yield f"{text}, and etcd compacted to revision {revision}"


@contextmanager
def disk_full(deployment, dice):
    """The members have no room: they take no change until room is made and the alarm is taken back."""
    _fill_quota(deployment, dice)
    yield "no room in etcd"
    for number in range(NODES):
        _check_takes_no_change(deployment, number)
    _forget_junk(deployment)
    for member in range(MEMBERS):
        deployment.etcd("maintenance/defragment", {}, member, seconds=60)
    for alarm in deployment.etcd("maintenance/alarm", {"action": "GET"}).get("alarms", []):
        deployment.etcd("maintenance/alarm", {"action": "DEACTIVATE", "memberID": alarm["memberID"], "alarm": alarm["alarm"]})


def _fill_quota(deployment, dice):
    """Until etcd refuses for want of room, and nothing else, and has raised its alarm."""
    told, deadline = None, time.monotonic() + FILL_SECONDS
    while told is None or NO_ROOM not in told:
        if time.monotonic() > deadline:
            return deployment.wrong.append(f"etcd does not get full, it says {told}")
        try:
            _put_junk(deployment, dice)
        except urllib.error.HTTPError as error:
            told = error.read().decode()
        except OSError as error:
            told = str(error)
    alarms = deployment.etcd("maintenance/alarm", {"action": "GET"}).get("alarms", [])
    if "NOSPACE" not in {alarm["alarm"] for alarm in alarms}:
        deployment.wrong.append(f"etcd refuses for want of room and has these alarms: {alarms}")


def _check_takes_no_change(deployment, number):
    """While etcd has no room a node acknowledges no change, and says that it is not ready."""
    with suppress(BotoCoreError, ClientError):
        deployment.wrong.append(f"node {number} without room in etcd: answered {deployment.client(number).create_key()}")
    _check_not_ready(deployment, number, "without room in etcd")


def _put_junk(deployment, dice, member=0):
    value = base64.b64encode(dice.randbytes(JUNK_BYTES)).decode()
    deployment.etcd("kv/put", {"key": _text("junk"), "value": value}, member)


def _forget_junk(deployment):
    deployment.etcd("kv/deleterange", {"key": _text("junk")})
    revision = deployment.etcd("kv/range", {"key": _text("junk")})["header"]["revision"]
    with suppress(OSError):
        deployment.etcd("kv/compaction", {"revision": revision, "physical": True})


@contextmanager
def member_disk_full(deployment, dice):
    """A member has no room on its disk and ends when it needs some, the leader as often as not, while the others go on; it is
    started again with room."""
    number, cluster = _some_member(deployment, dice), deployment.cluster
    other, deadline = (number + 1) % MEMBERS, time.monotonic() + MEMBER_END_SECONDS
    said = len(cluster.log(number))
    deployment.disks.fill(cluster.directory(number))
    while cluster.is_running(number):
        with suppress(OSError):
            _put_junk(deployment, dice, other)
        if time.monotonic() > deadline:
            deployment.wrong.append(f"member {number} goes on without room: {cluster.log(number)[said:][-1000:]}")
            break
    yield f"member {number} ended, as its disk was full"
    deployment.disks.make_room(cluster.directory(number))
    cluster.kill(number)
    cluster.run(number)
    cluster.wait()
    _forget_junk(deployment)


@contextmanager
def node_disk_full(deployment, dice):
    """A node has no room for its audit: it stops, says so and answers nobody, also when there is room, until it is started again."""
    number = dice.randrange(NODES)
    server = deployment.servers[number]
    deployment.disks.fill(server.data)
    _await_stopped(deployment, number)
    yield f"node {number} without room on its disk"
    _check_stopped(deployment, number, "without room")
    deployment.disks.make_room(server.data)
    _check_stopped(deployment, number, "with room, before its start")
    # Ended in order it takes as long as requests are under way; the command line's own tests do that.
    server.kill()
    server.start()


def _await_stopped(deployment, number):
    deadline = time.monotonic() + STOP_SECONDS
    while STOPPED not in deployment.health(number, "/readyz")[1]:
        if time.monotonic() > deadline:
            return deployment.wrong.append(f"node {number} does not say that it has no room for its audit")
        time.sleep(0.05)


def _check_stopped(deployment, number, when):
    """Health says so, and neither reading nor changing is answered."""
    for path in ("/healthz", "/readyz"):
        status, text = deployment.health(number, path)
        if status != 503 or STOPPED not in text:
            deployment.wrong.append(f"node {number}, {when}: {path} says {status} {text}")
    client = deployment.client(number)
    _check_unanswered(deployment, number, when, (client.list_keys, client.create_key, lambda: client.generate_random(NumberOfBytes=1)))


@contextmanager
def clock_jumped(deployment, dice):
    """A node's clock jumps while it works, forwards or back, and jumps again to where it was."""
    number, ahead = dice.randrange(NODES), dice.choice(JUMPS_SECONDS) * dice.choice((1, -1))
    deployment.set_clock(number, ahead)
    deployment.await_clock(number, ahead)
    yield f"clock of node {number} jumped by {ahead} s"
    deployment.set_clock(number, 0)


@contextmanager
def clock_back(deployment, dice):
    """A node's clock goes back when it has just been cut off: how old its view is must not be told by that clock."""
    number, ahead = dice.randrange(NODES), -dice.choice(JUMPS_BACK_SECONDS)
    with _cut(deployment, number, dice.choice((CUT, HELD))) as text:
        time.sleep(deployment.bound_seconds / 2)
        deployment.set_clock(number, ahead)
        yield f"{text}, and its clock jumped by {ahead} s"
        _check_refuses(deployment, number, f"cut off for longer than the bound, with its clock {-ahead} s behind")
        deployment.set_clock(number, 0)


ALL = {
    "node-killed": node_killed,
    "member-killed": member_killed,
    "leader-killed": leader_killed,
    "node-paused": node_paused,
    "member-paused": member_paused,
    "node-cut": node_cut,
    "wire-held": wire_held,
    "leader-cut": leader_cut,
    "compacted": compacted,
    "disk-full": disk_full,
    "member-disk-full": member_disk_full,
    "node-disk-full": node_disk_full,
    "clock-jumped": clock_jumped,
    "clock-back": clock_back,
}
ON_DISKS, WITH_CLOCKS = {"member-disk-full", "node-disk-full"}, {"clock-jumped", "clock-back"}


def possible(deployment):
    """The names of the faults that can happen on this machine: all, but for those that tests may do without (see `needs`)."""
    impossible = set()
    if deployment.disks.missing:
        needs.do_without("disks", deployment.disks.missing)
        impossible |= ON_DISKS
    if deployment.clocks.missing:
        needs.do_without("clocks", deployment.clocks.missing)
        impossible |= WITH_CLOCKS
    return [name for name in ALL if name not in impossible]


def _some_member(deployment, dice):
    return deployment.cluster.leader() if dice.random() < 0.5 else dice.randrange(MEMBERS)


def _text(key):
    return base64.b64encode(key.encode()).decode()
