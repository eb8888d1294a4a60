"""The checker of histories itself: it takes what is promised, and finds each kind of broken promise."""

import datetime
import random
from dataclasses import replace

import needs
import pytest
from history import dates, registers, wholes
from history.dates import DELETED, EXPIRED, KEPT, ROTATED, Event, Made, Shown
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


DISKS = ("member-disk-full: member 1 ended, as its disk was full", "node-disk-full: node 1 without room on its disk")
WENT_ON = Operation("key:k", 0, "disable", None, OK, None, 2.5, 3, "r1"), Operation("key:k", 1, "describe", None, OK, "Disabled", 8, 9, "r4")
MADE = Operation("keys:1", 0, "create", "key-1", OK, "id-1", 3.5, 4, "r2")
BEFORE_IT_STOPPED = Operation("key:k", 1, "describe", None, OK, "Enabled", 1, 2, "r3")


@pytest.mark.parametrize("fault", DISKS)
@pytest.mark.parametrize(
    ("lost", "change"),
    (
        (None, lambda operations, found, recorded: None),
        # Acknowledged while there was no room, and not there afterwards.
        ("nothing explains", lambda operations, found, recorded: operations.append(replace(WENT_ON[1], node=0, answer="Enabled", request="r1"))),
        ("where id-1 was made", lambda operations, found, recorded: found[1].pop("id-1")),
        ("where id-1 was made", lambda operations, found, recorded: [of_node.pop("id-1") for of_node in found]),
        # Answered shortly before there was no room any more, or although there was none.
        ("answered and not recorded", lambda operations, found, recorded: recorded[1].remove("r3")),
        ("answered and not recorded", lambda operations, found, recorded: operations.append(replace(BEFORE_IT_STOPPED, began=3, ended=3.5, request="r9"))),
    ),
)
def test_what_a_full_disk_loses_is_found(fault, lost, change):
    operations, found = [*WENT_ON, MADE, BEFORE_IT_STOPPED], [{"id-1": "key-1"}, {"id-1": "key-1"}]
    recorded = [{"r1", "r2"}, {"r3", "r4"}]
    change(operations, found, recorded)
    kept = History()
    kept.operations, kept.faults = operations, [(2.0, fault), (5.0, "over")]
    texts = registers.violations(kept, BOUND)
    texts += wholes.violations(kept, [(of_node, {}) for of_node in found], [(numbers, None) for numbers in recorded])
    assert bool(texts) == bool(lost), texts
    assert lost is None or any(lost in text for text in texts), texts


DAY = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)
FIRST_DATE, SECOND_DATE = DAY + datetime.timedelta(days=92), DAY + datetime.timedelta(days=183)
CAME_DUE = [Made(kind, kind, f"alias/{kind}", b"", "m0") for kind in (ROTATED, DELETED, KEPT, EXPIRED)]
TURNED = (("m1", FIRST_DATE), ("m2", SECOND_DATE))
ALL_DONE = {
    ROTATED: Shown("Enabled", ROTATED, True, ("m0", "m0"), TURNED),
    DELETED: Shown(None, None, False, ("AccessDeniedException",) * 2, ()),
    KEPT: Shown("Enabled", KEPT, True, ("m0", "m0"), ()),
    EXPIRED: Shown("PendingImport", EXPIRED, True, ("KMSInvalidStateException",) * 2, ()),
}
RECORDED = [
    Event("RotateKey", ROTATED, "e1", "m1"),
    Event("RotateKey", ROTATED, "e2", "m2"),
    Event("DeleteKey", DELETED, "e3"),
    Event("DeleteExpiredKeyMaterial", EXPIRED, "e4"),
    Event("RotateKey", "of somebody else", "e5", "m9"),
]


def judged(shown=ALL_DONE, events=RECORDED, others_show=ALL_DONE, also=()):
    """What is said when node 1 shows this and the audit of node 0 has that, and another audit something beside it."""
    return dates.violations(CAME_DUE, 2, [others_show, shown, others_show], [events, list(also), []])


def everywhere(kind, **changes):
    shown = {**ALL_DONE, kind: replace(ALL_DONE[kind], **changes)}
    return dict(shown=shown, others_show=shown)


@pytest.mark.parametrize(
    "good", (dict(), dict(also=RECORDED[:1]), dict(events=[], also=RECORDED), everywhere(KEPT, state="PendingDeletion", opens=("KMSInvalidStateException",) * 2))
)
def test_dates_that_did_what_they_do_are_good(good):
    assert judged(**good) == []


BAD_DATES = {
    "rotated twice for one date": everywhere(ROTATED, rotations=(*TURNED, ("m3", SECOND_DATE + datetime.timedelta(seconds=1)))),
    "rotated twice for one date, and not for another": everywhere(ROTATED, rotations=(("m1", SECOND_DATE), ("m2", SECOND_DATE))),
    "two nodes rotated, each its own": dict(shown={**ALL_DONE, ROTATED: replace(ALL_DONE[ROTATED], rotations=(TURNED[0], ("m3", SECOND_DATE)))}),
    "not rotated": everywhere(ROTATED, rotations=TURNED[:1]),
    "one material for two dates": everywhere(ROTATED, rotations=(TURNED[0], ("m1", SECOND_DATE))),
    "the first material again": everywhere(ROTATED, rotations=(TURNED[0], ("m0", SECOND_DATE))),
    "old ciphertext opens no more": everywhere(ROTATED, opens=("AccessDeniedException", "m0")),
    "old ciphertext opens with something else": everywhere(ROTATED, opens=("m1", "m1")),
    "deleted, and there on one node": dict(shown={**ALL_DONE, DELETED: replace(ALL_DONE[DELETED], state="PendingDeletion")}),
    "not deleted": everywhere(DELETED, state="PendingDeletion", alias=DELETED, has_grant=True),
    "its alias is left": everywhere(DELETED, alias=DELETED),
    "its grant is left": everywhere(DELETED, has_grant=True),
    "its material is left": everywhere(DELETED, opens=("m0", "AccessDeniedException")),
    "its material is left for the grantee": everywhere(DELETED, opens=("AccessDeniedException", "m0")),
    "its rotations are left": everywhere(DELETED, rotations=TURNED),
    "deleted too early": everywhere(KEPT, state=None, alias=None, has_grant=False, opens=("AccessDeniedException",) * 2),
    "what is kept lost its alias": everywhere(KEPT, alias=None),
    "what is kept lost its grant": everywhere(KEPT, has_grant=False),
    "not expired": everywhere(EXPIRED, state="Enabled", opens=("m0", "m0")),
    "expired, and opens": everywhere(EXPIRED, opens=("KMSInvalidStateException", "m0")),
    "expired, and gone": everywhere(EXPIRED, state=None, alias=None, has_grant=False),
    "no record of a rotation": dict(events=RECORDED[1:]),
    "no record of a deletion": dict(events=[event for event in RECORDED if event.name != "DeleteKey"]),
    "a record of another rotation": dict(events=[Event("RotateKey", ROTATED, "e1", "m7"), *RECORDED[1:]]),
    "a rotation recorded as two": dict(also=[Event("RotateKey", ROTATED, "e6", "m2")]),
    "a deletion recorded as two": dict(also=[Event("DeleteKey", DELETED, "e6")]),
    "an expiry recorded as two": dict(also=[Event("DeleteExpiredKeyMaterial", EXPIRED, "e6")]),
    "a deletion recorded that was not due": dict(also=[Event("DeleteKey", KEPT, "e6")]),
}


@pytest.mark.parametrize("name", BAD_DATES)
def test_dates_that_did_something_else_are_found(name):
    assert judged(**BAD_DATES[name])


def test_tests_do_without_what_they_are_allowed_to_and_nothing_else(monkeypatch):
    monkeypatch.delenv("KAGIBAN_TESTS_WITHOUT", raising=False)
    with pytest.raises(needs.Missing, match="not root. To do without, set KAGIBAN_TESTS_WITHOUT=disks$"):
        needs.do_without("disks", "not root")
    monkeypatch.setenv("KAGIBAN_TESTS_WITHOUT", "clocks")
    needs.do_without("clocks", "no package")
    with pytest.raises(needs.Missing, match="KAGIBAN_TESTS_WITHOUT=clocks,disks$"):
        needs.do_without("disks", "not root")
    monkeypatch.setenv("KAGIBAN_TESTS_WITHOUT", "clock")
    with pytest.raises(needs.Missing, match="names clock; there are clocks, disks, machine"):
        needs.do_without("clocks", "no package")


def test_histories_are_kept_and_read_again(tmp_path):
    kept = GOOD["refusals fit"]
    kept.fault("node 1 killed")
    kept.save(tmp_path / "kept")
    again = History.load(tmp_path / "kept")
    assert (again.operations, again.faults) == (kept.operations, kept.faults)
