"""What is checked over a whole run: nothing acknowledged is lost, nothing happens twice, nothing is there that nobody made."""

from history.records import OK, UNKNOWN


def violations(history, found):
    """The texts of what is wrong. `found` is what each node showed at the end: descriptions of all keys by id, rotations of keys."""
    texts = []
    for node, (descriptions, rotations) in enumerate(found):
        texts += [f"node {node} at the end: {text}" for text in _created(history, descriptions)]
        texts += [f"node {node} at the end: {text}" for text in _rotated(history, rotations)]
    if any(one != found[0] for one in found):
        texts.append(f"the nodes do not show the same at the end: {found}")
    return texts


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
