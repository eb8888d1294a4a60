"""Whether some order of the operations on one register explains what each of them showed.

The search is Wing and Gong's, in the form in which an operation is put in order when it ends and not before: it walks over
beginnings and ends and keeps all states in which the register can be, each with the operations under way that have happened in it.
At an end, states in which that operation has not happened are carried on by others under way until it has; when none is left, no
order explains the history. So it needs no more memory than what is under way at one time, however long the history is. Changes
without an answer stay under way for ever; a state that is no better than another one is dropped.

A read from a node's memory counts as begun one bound earlier, but behind what its node had acknowledged or shown before; see the
package's head.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Callable

from history.records import OK, REFUSED, UNKNOWN

# Ways to look at for one operation: a history that needs more ends the check with an error, and never counts as good.
STATES_MAX = 200_000
ENABLED, DISABLED, PENDING = "Enabled", "Disabled", "PendingDeletion"
# Had no answer, and is known to have happened.
TOLD = "told"


@dataclass(frozen=True)
class Meaning:
    """What an operation says: a change has `step` (the value afterwards, or None where it cannot happen), a read `shows`."""

    step: Callable | None = None
    shows: Callable | None = None
    from_memory: bool = False


class Model:
    """What a register is when it begins, what operations say of it, and what is known of those without an answer."""

    @staticmethod
    def told_apart(operations):
        return operations


class KeyState(Model):
    """The state of a key."""

    initial = ENABLED
    _steps = {
        "enable": {ENABLED: ENABLED, DISABLED: ENABLED},
        "disable": {ENABLED: DISABLED, DISABLED: DISABLED},
        "schedule": {ENABLED: PENDING, DISABLED: PENDING},
        "cancel": {PENDING: DISABLED},
    }
    _refused = {"DisabledException": DISABLED, "KMSInvalidStateException": PENDING}

    @classmethod
    def meaning(cls, operation):
        if operation.action in cls._steps:
            steps = cls._steps[operation.action]
            if operation.outcome == REFUSED:
                return Meaning(shows=lambda value: value not in steps)
            return Meaning(step=steps.get)
        shown = ENABLED if operation.outcome == OK else cls._refused.get(operation.answer)
        if operation.action == "describe":
            shown = operation.answer
        return Meaning(shows=lambda value: value == shown, from_memory=True)


class Alias(Model):
    """The key that an alias points to; "" where there is none (None would be no value)."""

    initial = ""

    @staticmethod
    def meaning(operation):
        argument, answer = operation.argument or "", operation.answer or ""
        match operation.action, operation.outcome:
            case "create", "refused":
                return Meaning(shows=lambda value: value != "")
            case ("update" | "delete"), "refused":
                return Meaning(shows=lambda value: value == "")
            case "create", _:
                return Meaning(step=lambda value: argument if value == "" else None)
            case "update", _:
                return Meaning(step=lambda value: argument if value != "" else None)
            case "delete", _:
                return Meaning(step=lambda value: "" if value != "" else None)
            case "list", _:
                return Meaning(shows=lambda value: value == answer)
            case "describe", "refused":
                return Meaning(shows=lambda value: value == "", from_memory=True)
            case "describe", _:
                return Meaning(shows=lambda value: value == answer, from_memory=True)


class Grants(Model):
    """The names of the grants that a grantee has on a key."""

    initial = frozenset()

    @classmethod
    def told_apart(cls, operations):
        """Each name is given and revoked once at most, so that lists tell when those happened that had no answer: before a list that
        shows it done, after one that shows it not done."""
        lists = [(one, cls._listed(one)) for one in operations if (one.action, one.outcome) == ("list", OK)]
        given = {one.argument: one for one in operations if one.action == "create"}
        revoked = {}
        for one in operations:
            if one.action == "revoke" and one.outcome != REFUSED:
                revoked.setdefault(one.argument, []).append(one)
        return [one if one.outcome != UNKNOWN else cls._told(one, lists, given, revoked) for one in operations]

    @staticmethod
    def _told(one, lists, given, revoked):
        name = one.argument
        if one.action == "create":
            untouched = min((other.began for other in revoked.get(name, [])), default=float("inf"))
            done = [list_ for list_, names in lists if name in names]
            not_done = [list_ for list_, names in lists if name not in names and list_.ended < untouched]
        elif one.action == "revoke" and len(revoked[name]) == 1 and given[name].outcome == OK:
            done = [list_ for list_, names in lists if name not in names and list_.began > given[name].ended]
            not_done = [list_ for list_, names in lists if name in names]
        else:
            return one
        began = max([one.began, *(list_.began for list_ in not_done)])
        if not done:
            return replace(one, began=began)
        return replace(one, began=began, outcome=TOLD, ended=min(list_.ended for list_ in done))

    @staticmethod
    def _listed(one):
        return frozenset(one.answer.split()) if one.answer else frozenset()

    @classmethod
    def meaning(cls, operation):
        name = operation.argument
        match operation.action, operation.outcome:
            case "revoke", "refused":
                return Meaning(shows=lambda value: name not in value)
            case "create", _:
                return Meaning(step=lambda value: value | {name} if name not in value else None)
            case "revoke", _:
                return Meaning(step=lambda value: value - {name} if name in value else None)
            case "list", _:
                listed = cls._listed(operation)
                return Meaning(shows=lambda value: value == listed)
            case "use", "refused":
                return Meaning(shows=lambda value: not value, from_memory=True)
            case "use", _:
                return Meaning(shows=bool, from_memory=True)


MODELS = {"key": KeyState, "alias": Alias, "grants": Grants}


@dataclass(frozen=True)
class State:
    """One way in which it can have gone so far: the register's value, and which operations under way have happened, as bits of the
    places that they have for that time. Those spent are the changes without an answer."""

    value: object
    changes: int = 0
    spent: int = 0
    reads: int = 0


class States:
    """Ways in which it can have gone, without those that are no better than another one in anything: with the same value and changes,
    to have spent less and to have more reads behind is better."""

    def __init__(self):
        self._groups, self._count = {}, 0

    def __iter__(self):
        return (state for group in self._groups.values() for state in group)

    def __len__(self):
        return self._count

    def add(self, state):
        """Whether it is worth keeping."""
        group = self._groups.setdefault((state.value, state.changes), [])
        if any(not one.spent & ~state.spent and not state.reads & ~one.reads for one in group):
            return False
        kept = [one for one in group if state.spent & ~one.spent or one.reads & ~state.reads]
        self._count += 1 + len(kept) - len(group)
        group[:] = [*kept, state]
        return True


class Search:
    """One register's history, walked over once."""

    def __init__(self, operations, model, bound):
        # A read without an answer says nothing.
        meanings = [(one, model.meaning(one)) for one in model.told_apart(operations)]
        kept = [(one, meaning) for one, meaning in meanings if meaning.step or one.outcome != UNKNOWN]
        kept.sort(key=lambda pair: pair[0].began)
        self.operations = [one for one, _ in kept]
        self._meanings = [meaning for _, meaning in kept]
        self._bound = bound
        self._behind = self._blockers()
        # Operations under way have a bit each; what has ended leaves its bit to others.
        self._bits, self._free, self._ended = {}, [], set()
        self.states = States()
        self.states.add(State(model.initial))

    def _from(self, number):
        """From when on it may have happened."""
        return self.operations[number].began - (self._bound if self._meanings[number].from_memory else 0)

    def _is_kept_by_memory(self, number):
        """Whether its node's memory had this when it ended."""
        meaning = self._meanings[number]
        return meaning.from_memory or (meaning.step is not None and self.operations[number].outcome == OK)

    def _blockers(self):
        """For each read from memory the operations of its node that it comes after, beyond those that ended before it may begin."""
        ended = {}
        for number, one in enumerate(self.operations):
            if self._is_kept_by_memory(number):
                ended.setdefault(one.node, []).append((one.ended, number))
        for of_node in ended.values():
            of_node.sort()
        found = []
        for number, one in enumerate(self.operations):
            of_node = ended.get(one.node, []) if self._meanings[number].from_memory else []
            first, last = bisect_left(of_node, (self._from(number),)), bisect_left(of_node, (one.began,))
            found.append([earlier for _, earlier in of_node[first:last]])
        return found

    def run(self):
        """None, or the operation that nothing explains."""
        beginnings = [(self._from(number), 0, number) for number in range(len(self.operations))]
        ends = [(one.ended, 1, number) for number, one in enumerate(self.operations) if one.outcome != UNKNOWN]
        for _, is_end, number in sorted(beginnings + ends):
            if not is_end:
                self._begin(number)
            elif not self._end(number):
                return self.operations[number]
        return None

    def _begin(self, number):
        self._bits[number] = 1 << (self._free.pop() if self._free else len(self._bits))
        if self._meanings[number].shows:
            self.states = _all(self._settled(state) for state in self.states)

    def _settled(self, state):
        """With all reads under way that can happen now: that they do never hurts."""
        reads = state.reads
        waiting = [n for n in self._bits if self._meanings[n].shows and not self._bits[n] & reads]
        waiting = [n for n in waiting if self._meanings[n].shows(state.value)]
        while waiting:
            held = [n for n in waiting if self._is_held(n, state.changes | reads)]
            if len(held) == len(waiting):
                break
            for number in set(waiting) - set(held):
                reads |= self._bits[number]
            waiting = held
        return replace(state, reads=reads)

    def _is_held(self, number, happened):
        """Whether something that comes before it has not happened."""
        behind = self._behind[number] = [earlier for earlier in self._behind[number] if earlier not in self._ended]
        return any(not self._bits.get(earlier, 0) & happened for earlier in behind)

    def _end(self, number):
        """Keeps the ways in which the operation has happened, without it: it is under way no more. Whether there are any."""
        bit, reached, seen, rest = self._bits[number], States(), States(), list(self.states)
        while rest:
            state = rest.pop()
            if (state.changes | state.reads) & bit:
                reached.add(replace(state, changes=state.changes & ~bit, reads=state.reads & ~bit))
                continue
            rest += [after for after in self._next(state) if seen.add(after)]
            if len(seen) > STATES_MAX:
                raise RuntimeError(f"too many ways in which it can have gone at {self.operations[number]}")
        if not len(reached):
            return False
        self.states = reached
        self._free.append(bit.bit_length() - 1)
        del self._bits[number]
        self._ended.add(number)
        return True

    def _next(self, state):
        """The ways that one change more leads to. Of those without an answer that do the same, the first stands for all."""
        tried = set()
        for number, bit in self._bits.items():
            one, step = self.operations[number], self._meanings[number].step
            if step is None or (state.changes | state.spent) & bit:
                continue
            value = step(state.value)
            if one.outcome != UNKNOWN:
                if value is not None:
                    yield self._settled(replace(state, value=value, changes=state.changes | bit))
            elif value not in (None, state.value) and (one.action, one.argument) not in tried:
                tried.add((one.action, one.argument))
                yield self._settled(replace(state, value=value, spent=state.spent | bit))


def _all(states):
    kept = States()
    for state in states:
        kept.add(state)
    return kept


def violation(operations, model, bound):
    """None when some order explains the operations of a register; else a text that shows where it ends."""
    search = Search(operations, model, bound)
    wrong = search.run()
    if wrong is None:
        return None
    near = [one for one in search.operations if one.ended > wrong.began - 2 * bound - 1 and one.began < wrong.ended]
    values = sorted({str(state.value) for state in search.states})
    lines = [f"{wrong.register}: nothing explains", f"  {wrong}", f"when it could be {' or '.join(values)}; near it:"]
    return "\n".join(lines + [f"  {one}" for one in near[-60:]])


def violations(history, bound):
    """The texts of all registers that nothing explains."""
    found = []
    for kind, model in MODELS.items():
        for operations in history.of(f"{kind}:").values():
            if text := violation(operations, model, bound):
                found.append(text)
    return found
