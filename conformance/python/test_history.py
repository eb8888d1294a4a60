"""Three nodes on three members of etcd, while everything breaks in turn: what they answer is explained by one order of events, with
nothing older than the bound of freshness. Longer: `scripts/faults`."""

import random

import pytest
from history import dates, faults
from history.deployment import Deployment
from history.run import BOUND_SECONDS, Failed, round_

pytestmark = pytest.mark.own_server


def test_whatever_breaks_the_history_can_be_explained(tmp_path, tmp_path_factory):
    seed = random.SystemRandom().randrange(10**6)
    kept = tmp_path_factory.mktemp("history") / f"{seed}.jsonl"
    with Deployment(tmp_path, BOUND_SECONDS) as deployment:
        possible = faults.possible(deployment)
        names = random.Random(seed).sample(possible, len(possible))
        try:
            history, text = round_(deployment, seed, [*names, *dates.possible(deployment)], kept)
        except Failed as failure:
            pytest.fail(f"seed {seed}, {' '.join(names)}: {failure}")
    print(f"seed {seed}: {text}")
    # A run in which nothing happened would prove nothing.
    assert len(history.operations) > 500 and len(history.faults) == 2 * len(names), text
