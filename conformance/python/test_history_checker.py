"""The checker of histories itself: it takes what is promised, and finds each kind of broken promise."""

import random

import pytest
from history import registers, wholes
from history.records import OK, REFUSED, UNKNOWN, History, Operation
from history.work import outcome_of

BOUND = 2.0


def history(*rows):
    """Rows of node, action, answer, begin, end; an action may have an argument (`create a`), an answer an outcome (`!Code`, `?`)."""
    kept = History()
    for register, node, action, answer, began, ended in rows:
        action, _, argument = action.partition(" ")
        outcome = {"!": REFUSED, "?": UNKNOWN}.get((answer or "")[:1], OK)
        kept.add(Operation(register, node, action, argument or None, outcome, (answer or "").lstrip("!?") or None, began, ended))
    return kept


def key(*rows):
    return history(*(("key:k", *row) for row in rows))


def alias(*rows):
    return history(*(("alias:a", *row) for row in rows))


def grants(*rows):
    return history(*(("grants:k", *row) for row in rows))


STATE, GONE = "!KMSInvalidStateException", "!NotFoundException"
GOOD = {
    "reads its own writes": key((0, "disable", None, 0, 1), (0, "encrypt", "!DisabledException", 1.1, 1.2)),
    "another node lags within the bound": key((0, "disable", None, 0, 1), (1, "encrypt", None, 2.9, 3.0)),
    "the bound counts from the change's moment, which may be late": key(
        (0, "disable", None, 0, 5), (1, "encrypt", None, 6.9, 7.0), (1, "encrypt", "!DisabledException", 6.91, 7.1)
    ),
    "changes under way at once happen in either order": key(
        (0, "disable", None, 0, 1), (1, "enable", None, 0, 1), (2, "describe", "Disabled", 5, 6)
    ),
    "a change without an answer happened": key((0, "disable", "?", 0, 1), (1, "describe", "Disabled", 9, 10)),
    "a change without an answer happened late": key(
        (0, "disable", "?", 0, 1), (1, "describe", "Enabled", 9, 10), (1, "describe", "Disabled", 20, 21)
    ),
    "a change without an answer never happened": key((0, "disable", "?", 0, 1), (1, "describe", "Enabled", 9, 10)),
    "a read without an answer says nothing": key((0, "disable", None, 0, 1), (1, "encrypt", "?", 9, 10)),
    "nodes differ for a moment": key(
        (0, "disable", None, 0, 1), (1, "describe", "Disabled", 1.1, 1.2), (2, "describe", "Enabled", 1.3, 1.4)
    ),
    "refusals fit": key(
        (0, "schedule", None, 0, 1), (1, "enable", STATE, 1, 2), (1, "cancel", None, 3, 4), (2, "cancel", STATE, 5, 6)
    ),
    "a name is given once": alias(
        (0, "create x", None, 0, 1), (1, "create y", "!AlreadyExistsException", 0, 1), (2, "list", "x", 1, 2)
    ),
    "a name is moved and taken away": alias(
        (0, "create x", None, 0, 1),
        (1, "update y", None, 1, 2),
        (2, "describe", "x", 2, 3),
        (0, "delete", None, 4, 5),
        (1, "delete", GONE, 5, 6),
        (1, "describe", GONE, 8, 9),
    ),
    "grants without an answer are told of by lists": grants(
        (0, "create g", "?", 0, 1),
        (0, "create h", "?", 0, 1),
        (1, "list", None, 2, 3),
        (1, "list", "h", 4, 5),
        (1, "use", None, 5, 6),
        (0, "revoke h", "?", 6, 7),
        (1, "list", "h", 8, 9),
        (1, "list", None, 10, 11),
        (1, "use", "!AccessDeniedException", 11, 12),
    ),
    "a grant gives, and is taken away": grants(
        (0, "use", "!AccessDeniedException", 0, 1),
        (0, "create g", None, 1, 2),
        (0, "use", None, 2.1, 3),
        (1, "use", "!AccessDeniedException", 2.1, 3),
        (1, "create h", None, 3, 4),
        (2, "revoke g", None, 5, 6),
        (2, "use", None, 6, 7),
        (2, "list", "h", 7, 8),
    ),
}
BAD = {
    "an acknowledged change is lost": key((0, "disable", None, 0, 1), (0, "describe", "Enabled", 9, 10)),
    "its own write is not read": key((0, "disable", None, 0, 1), (0, "encrypt", None, 1.1, 1.2)),
    "older than the bound": key((0, "disable", None, 0, 1), (1, "encrypt", None, 3.1, 3.2)),
    "a node goes back": key(
        (0, "disable", None, 0, 1), (1, "describe", "Disabled", 1.1, 1.2), (1, "describe", "Enabled", 1.3, 1.4)
    ),
    "from nowhere": key((1, "describe", "Disabled", 0, 1)),
    "before it was asked for": key((1, "describe", "Disabled", 0, 1), (0, "disable", None, 2, 3)),
    "a change without an answer happens twice": key(
        (0, "disable", "?", 0, 1),
        (0, "describe", "Disabled", 2, 3),
        (0, "enable", None, 4, 5),
        (0, "describe", "Enabled", 6, 7),
        (0, "describe", "Disabled", 10, 11),
    ),
    "a change that cannot be": key((0, "schedule", None, 0, 1), (1, "enable", None, 2, 3)),
    "a refusal without reason": key((0, "enable", STATE, 0, 1)),
    "an order that goes round": key(
        (0, "disable", None, 0, 1),
        (0, "enable", None, 2, 3),
        (1, "describe", "Enabled", 6, 7),
        (1, "describe", "Disabled", 8, 9),
    ),
    "a key comes back from deletion": key((0, "schedule", None, 0, 1), (1, "encrypt", None, 9, 10)),
    "a name is given twice": alias((0, "create x", None, 0, 1), (1, "create y", None, 0, 1)),
    "a list is late": alias((0, "create x", None, 0, 1), (1, "list", None, 1.1, 1.2)),
    "a name stays": alias((0, "create x", None, 0, 1), (1, "delete", None, 1, 2), (2, "describe", "x", 4.5, 5)),
    "a grant is lost": grants((0, "create g", None, 0, 1), (1, "list", None, 2, 3)),
    "a revoked grant gives": grants((0, "create g", None, 0, 1), (0, "revoke g", None, 2, 3), (1, "use", None, 5.1, 6)),
    "a revoked grant gives on the same node": grants(
        (0, "create g", None, 0, 1), (0, "revoke g", None, 2, 3), (0, "use", None, 3.1, 4)
    ),
    "a grant without an answer comes and goes": grants(
        (0, "create g", "?", 0, 1), (1, "list", "g", 2, 3), (1, "list", None, 4, 5)
    ),
    "a revoked grant without an answer comes back": grants(
        (0, "create g", None, 0, 1), (0, "revoke g", "?", 2, 3), (1, "list", None, 4, 5), (1, "list", "g", 6, 7)
    ),
    "revoked twice": grants((0, "create g", None, 0, 1), (0, "revoke g", None, 2, 3), (1, "revoke g", None, 4, 5)),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_promised_is_explained(name):
    assert registers.violations(GOOD[name], BOUND) == []


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_promised_is_found(name):
    (text,) = registers.violations(BAD[name], BOUND)
    assert "nothing explains" in text


def simulated(dice, length):
    """A history that is good by construction: an order is drawn first, then times and views that fit it."""
    rows, now, value, seen = [], 0.0, "Enabled", [0, 0, 0]
    values = [(0.0, "Enabled")]
    for _ in range(length):
        now += dice.uniform(0.01, 0.3)
        node, began, ended = dice.randrange(3), now - dice.uniform(0, 0.4), now + dice.uniform(0, 0.4)
        began = max(began, 0.0)
        if dice.random() < 0.4:
            action = dice.choice(("enable", "disable"))
            value = {"enable": "Enabled", "disable": "Disabled"}[action]
            values.append((now, value))
            rows.append((node, action, dice.choice((None, None, "?")), began, ended))
            # What is acknowledged is known from then on; a little early does no harm here.
            seen[node] = len(values) - 1
        else:
            # The oldest moment that may be shown is a bound ago.
            oldest = max(n for n, (since, _) in enumerate(values) if since <= max(began - 1.5, 0))
            seen[node] = dice.randint(max(seen[node], oldest), len(values) - 1)
            rows.append((node, "describe", values[seen[node]][1], now, ended))
    return rows


def test_drawn_histories_are_explained_and_changed_ones_are_found():
    found = 0
    for seed in range(60):
        dice = random.Random(seed)
        rows = simulated(dice, 60)
        assert registers.violations(key(*rows), BOUND) == [], f"seed {seed}"
        # One read that shows the other state is mostly impossible.
        place = dice.choice([n for n, row in enumerate(rows) if row[1] == "describe"])
        node, action, answer, began, ended = rows[place]
        rows[place] = (node, action, "PendingDeletion", began, ended)
        assert registers.violations(key(*rows), BOUND), f"seed {seed}"
        rows[place] = (node, action, {"Enabled": "Disabled", "Disabled": "Enabled"}[answer], began, ended)
        found += bool(registers.violations(key(*rows), BOUND))
    assert found >= 5


def test_whole_runs_are_judged():
    made = history(("keys:1", 0, "create key-1", "id-1", 0, 1), ("keys:2", 0, "create key-2", "?", 0, 1))
    turned = history(("rotations:r", 0, "rotate", None, 0, 1), ("rotations:r", 0, "rotate", "?", 0, 1))

    def wrong(kept, *found):
        return bool(wholes.violations(kept, list(found)))

    assert not wrong(made, ({"id-1": "key-1"}, {}))
    assert not wrong(made, ({"id-1": "key-1", "id-2": "key-2"}, {}))
    for bad in (
        {},
        {"id-3": "key-1"},
        {"id-1": "key-1", "id-2": "key-1"},
        {"id-1": "key-1", "id-2": "key-2", "id-3": "key-2"},
        {"id-1": "key-1", "id-9": "key-9"},
    ):
        assert wrong(made, (bad, {})), bad
    for materials, is_wrong in ((["a"], False), (["a", "b"], False), ([], True), (["a", "b", "c"], True), (["a", "a"], True)):
        assert wrong(turned, ({}, {"r": materials})) == is_wrong, materials
    assert wrong(turned, ({}, {"r": ["a"]}), ({}, {"r": ["b"]}))


@pytest.mark.parametrize(
    ("code", "message", "outcome"),
    (
        ("ServiceUnavailableException", "This node cannot prove that what it knows is current; try again.", None),
        ("ThrottlingException", "Rate exceeded.", None),
        ("ServiceUnavailableException", "The audit journal cannot be written, so requests are not answered.", UNKNOWN),
        ("ServiceUnavailable", "The request could not be answered in time.", UNKNOWN),
        ("503", "", UNKNOWN),
        ("KMSInternalException", "", UNKNOWN),
        ("DisabledException", "", REFUSED),
    ),
)
def test_what_may_have_happened_is_not_taken_for_undone(code, message, outcome):
    assert outcome_of(code, message) == outcome


def test_what_was_answered_is_recorded():
    kept = History()
    kept.add(Operation("key:k", 0, "disable", None, OK, None, 0, 1, "r1"))
    kept.add(Operation("key:k", 1, "enable", None, REFUSED, STATE, 0, 1, "r2"))
    kept.add(Operation("key:k", 1, "enable", None, UNKNOWN, "ServiceUnavailableException", 0, 1, "r3"))

    def wrong(*recorded):
        return wholes.violations(kept, [], recorded)

    assert not wrong(({"r1", "other"}, None), ({"r2"}, None))
    for bad in (
        ((set(), None), ({"r2"}, None)),
        (({"r2"}, None), ({"r1"}, None)),
        (({"r1"}, None), ({"r3"}, None)),
        (({"r1"}, "record 2: missing"), ({"r2"}, None)),
    ):
        assert len(wrong(*bad)) >= 1, bad


@pytest.mark.parametrize(
    ("fault", "rows", "is_wrong"),
    (
        ("node-killed: node 1 killed", [(0, "disable", None, 3, 4)], False),
        ("node-killed: node 1 killed", [(0, "disable", None, 1, 1.5), (0, "disable", None, 5, 6)], True),
        ("node-disk-full: node 1 without room", [(1, "disable", None, 3, 4)], True),
        ("node-cut: node 1 held", [(0, "encrypt", None, 3, 4), (0, "disable", "?", 3, 4), (0, "enable", STATE, 3, 4)], True),
        ("member-killed: member 1 killed", [(1, "disable", None, 3, 4)], False),
        ("member-killed: member 1 killed", [(1, "describe", "Enabled", 3, 4)], True),
        # Nothing can be changed then.
        ("disk-full: no room in etcd", [], False),
    ),
)
def test_what_is_whole_goes_on(fault, rows, is_wrong):
    kept = key(*rows)
    kept.faults = [(2.0, fault), (5.0, "over")]
    assert bool(wholes.violations(kept, [])) == is_wrong


def test_histories_are_kept_and_read_again(tmp_path):
    kept = GOOD["refusals fit"]
    kept.fault("node 1 killed")
    kept.save(tmp_path / "kept")
    again = History.load(tmp_path / "kept")
    assert (again.operations, again.faults) == (kept.operations, kept.faults)
