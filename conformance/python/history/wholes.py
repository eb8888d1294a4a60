"""What is checked over a whole run: nothing acknowledged is lost, nothing happens twice, nothing is there that nobody made, what was
answered was recorded, and what is whole goes on while something else is broken."""

import re

from history.records import OK, UNKNOWN

READS = ("describe", "encrypt", "list", "use")


def violations(history, found, recorded=()):
    """The texts of what is wrong. `found` is what each node showed at the end: descriptions of all keys by id, rotations of keys;
    `recorded` the numbers of requests in each node's audit, and what verifying it said, or None."""
    texts = [*_unrecorded(history, recorded), *_held_up(history)]
    for node, (descriptions, rotations) in enumerate(found):
        texts += [f"node {node} at the end: {text}" for text in _created(history, descriptions)]
        texts += [f"node {node} at the end: {text}" for text in _rotated(history, rotations)]
    if any(one != found[0] for one in found):
        texts.append(f"the nodes do not show the same at the end: {found}")
    return texts


def _unrecorded(history, recorded):
    """What a node answered is in its audit, which is sound."""
    for node, (numbers, said) in enumerate(recorded):
        if said:
            yield f"the audit of node {node}: {said}"
        for one in history.operations:
            if one.node == node and one.outcome != UNKNOWN and one.request not in numbers:
                yield f"answered and not recorded: {one}"


def _held_up(history):
    """While one node or one member is in trouble changes go on, at any other node."""
    for (began, text), (ended, _) in zip(history.faults[::2], history.faults[1::2]):
        kind, _, what = text.partition(": ")
        if not kind.startswith(("node-", "member-")):
            continue
        broken = re.match(r"node (\d)", what)
        others = [one for one in history.operations if not broken or one.node != int(broken[1])]
        if not any(one.outcome == OK and one.action not in READS and began < one.ended < ended for one in others):
            yield f"no change was acknowledged from {began:.1f} to {ended:.1f}, while {text}"


def _created(history, descriptions):
    """Each attempt has a description of its own; one with an answer made a key, one without made one at most."""
    attempts = {one.argument: one for made in history.of("keys").values() for one in made}
    made = {}
    for id_, description in descriptions.items():
        made.setdefault(description, []).append(id_)
    for description, attempt in attempts.items():
        keys = made.pop(description, [])
        if attempt.outcome == OK and keys != [attempt.answer]:
            yield f"{keys} where {attempt.answer} was made: {attempt}"
        elif len(keys) > 1:
            yield f"made twice, {keys}: {attempt}"
    if made:
        yield f"made by nobody: {made}"


def _rotated(history, rotations):
    """As many rotations as were acknowledged, and those without an answer may have come on top; each with material of its own."""
    for register, operations in history.of("rotations:").items():
        shown = rotations[register.removeprefix("rotations:")]
        acknowledged = sum(one.outcome == OK for one in operations)
        unknown = sum(one.outcome == UNKNOWN for one in operations)
        if not acknowledged <= len(shown) <= acknowledged + unknown:
            yield f"{register}: {len(shown)} rotations, {acknowledged} acknowledged, {unknown} without an answer"
        if len(set(shown)) != len(shown):
            yield f"{register}: material twice in {shown}"
