"""What breaks. Each fault is a context: what is in it happens while it lasts, and at its end all is whole again."""

import base64
import os
import signal
import time
from contextlib import contextmanager, suppress

from history.deployment import MEMBERS, NODES, QUOTA_BYTES
from history.wires import CUT, HELD, PASSING

JUNK_BYTES = 1 << 20


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
    number, state = dice.randrange(NODES), dice.choice((CUT, HELD))
    for wire in deployment.to_members[number]:
        deployment.wires.set(wire, state)
    yield f"node {number} {state} off from etcd"
    for wire in deployment.to_members[number]:
        deployment.wires.set(wire, PASSING)


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
    for _ in range(2 * QUOTA_BYTES // JUNK_BYTES):
        try:
            deployment.etcd("kv/put", {"key": _text("junk"), "value": base64.b64encode(dice.randbytes(JUNK_BYTES)).decode()})
        except OSError:
            break
    yield "no room in etcd"
    deployment.etcd("kv/deleterange", {"key": _text("junk")})
    revision = deployment.etcd("kv/range", {"key": _text("junk")})["header"]["revision"]
    with suppress(OSError):
        deployment.etcd("kv/compaction", {"revision": revision, "physical": True})
    for member in range(MEMBERS):
        deployment.etcd("maintenance/defragment", {}, member, seconds=60)
    for alarm in deployment.etcd("maintenance/alarm", {"action": "GET"}).get("alarms", []):
        deployment.etcd("maintenance/alarm", {"action": "DEACTIVATE", "memberID": alarm["memberID"], "alarm": alarm["alarm"]})


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
}


def _some_member(deployment, dice):
    return deployment.cluster.leader() if dice.random() < 0.5 else dice.randrange(MEMBERS)


def _text(key):
    return base64.b64encode(key.encode()).decode()
