"""What some tests need of the machine beyond what the test command gets by itself. Where it is not to be had they fail, so that nobody
takes for whole what was not; unless KAGIBAN_TESTS_WITHOUT names it (`clocks,disks,machine`): then they do without."""

import os

NEEDS = {
    "clocks": "clocks that go wrong take Debian's libfaketime (scripts/from-debian)",
    "disks": "disks that get full take root and mount namespaces",
    "machine": "a copy of the machine takes root, systemd and cgroups of version 2",
}


class Missing(Exception):
    """Something is not to be had, and nobody said that the tests may do without."""


def do_without(need, reason):
    """Returns if the tests may do without one of `NEEDS`; raises `Missing` if not."""
    allowed = set(filter(None, os.environ.get("KAGIBAN_TESTS_WITHOUT", "").split(",")))
    if unknown := allowed - NEEDS.keys():
        raise Missing(f"KAGIBAN_TESTS_WITHOUT names {', '.join(sorted(unknown))}; there are {', '.join(NEEDS)}")
    if need not in allowed:
        raise Missing(f"{NEEDS[need]}: {reason}. To do without, set KAGIBAN_TESTS_WITHOUT={','.join(sorted(allowed | {need}))}")
