"""Runs: a deployment works while faults happen to it, and what came of it is judged. `scripts/faults` calls `main`."""

import argparse
import datetime
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from history import dates, faults, registers, wholes
from history.deployment import NODES, Deployment
from history.records import OK, UNKNOWN, Failed, History
from history.wholes import READS
from history.work import Work

BOUND_SECONDS = 2
# A fault lasts longer than the bound, so that what is cut off or stands still has to notice it.
FAULT_SECONDS = (3.0, 5.0)
CALM_SECONDS = (0.5, 1.5)
WHOLE_SECONDS = 60
# No node's clock goes back further, all in all.
CLOCKS_OFF = datetime.timedelta(seconds=600)


def round_(deployment, seed, names, kept):
    """One round: these faults one after the other, a judgement, and dates that come, if they are among them. Returns the history and
    what it has, as a text."""
    dice, history = random.Random(seed), History()
    work = Work(deployment, history, seed)
    await_whole(deployment, work)
    work.start()
    for name in [name for name in names if name != dates.NAME]:
        time.sleep(dice.uniform(*CALM_SECONDS))
        with faults.ALL[name](deployment, dice) as text:
            history.fault(f"{name}: {text}")
            time.sleep(dice.uniform(*FAULT_SECONDS))
        history.fault(f"{name}: over")
    time.sleep(CALM_SECONDS[1])
    work.end()
    await_whole(deployment, work)
    # What the last changes were is in force everywhere by now, or nobody answers.
    time.sleep(BOUND_SECONDS)
    work.look_at_everything()
    judge(deployment, history, work, kept)
    if dates.NAME in names:
        dates.come(deployment, dice)
    return history, counted(history)


def await_whole(deployment, work):
    """Until every node answers, and knows the keys and the grantee."""
    deadline = time.monotonic() + WHOLE_SECONDS
    for node in range(NODES):
        while not _is_whole(deployment, work, node):
            if time.monotonic() > deadline:
                raise Failed(f"node {node} does not come back: {deployment.servers[node].log()[-2000:]}")
            time.sleep(0.1)


def _is_whole(deployment, work, node):
    try:
        client = deployment.client(node)
        for key in [*work.keys, *work.granted, *work.targets, work.rotated]:
            client.describe_key(KeyId=key)
        client.update_key_description(KeyId=work.rotated, Description="seen")
        deployment.client(node, is_grantee=True).list_keys()
    except ClientError as error:
        return error.response["Error"]["Code"] == "AccessDeniedException"
    except BotoCoreError:
        return False
    return True


def judge(deployment, history, work, kept):
    """Raises `Failed` with all that is wrong, with the history kept for whoever looks into it."""
    history.save(kept)
    texts, deployment.wrong = work.unexpected + deployment.wrong, []
    texts += registers.violations(history, BOUND_SECONDS)
    since = history.started + datetime.timedelta(seconds=deployment.moved) - CLOCKS_OFF
    recorded = [deployment.recorded(node, since) for node in range(NODES)]
    texts += wholes.violations(history, [work.found(node) for node in range(NODES)], recorded)
    if texts:
        raise Failed("\n\n".join([*texts, f"the history is kept: {kept}"]))
    kept.unlink()


def counted(history):
    operations = history.operations
    unknown = sum(one.outcome == UNKNOWN for one in operations)
    changes = sum(one.outcome == OK and one.action not in READS for one in operations)
    return f"{len(operations)} operations, {changes} acknowledged changes, {unknown} without an answer, {len(history.faults) // 2} faults"


def main(words):
    parser = argparse.ArgumentParser(prog="scripts/faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long to go on; rounds of about a minute (default 10)")
    parser.add_argument("--seed", type=int, default=None, help="the dice of the first round; each next round has the next number")
    parser.add_argument("--only", action="append", choices=[*faults.ALL, dates.NAME], help="only these faults; may be repeated")
    parser.add_argument("--keep", type=Path, default=Path("target/faults"), help="where histories of failed rounds go")
    options = parser.parse_args(words)
    options.keep.mkdir(parents=True, exist_ok=True)
    # Told to end, it ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    seed = random.randrange(10**6) if options.seed is None else options.seed
    until, rounds, failed = time.monotonic() + options.minutes * 60, 0, 0
    with tempfile.TemporaryDirectory(prefix="faults-") as directory, Deployment(directory, BOUND_SECONDS) as deployment:
        wanted = options.only or [*faults.possible(deployment), *dates.possible(deployment)]
        print(f"clocks {f'go right: {deployment.clocks.missing}' if deployment.clocks.missing else 'go wrong'}", flush=True)
        print(f"disks {f'stay empty: {deployment.disks.missing}' if deployment.disks.missing else 'get full'}", flush=True)
        while time.monotonic() < until:
            names = random.Random(f"faults {seed}").sample(wanted, len(wanted))
            try:
                print(f"seed {seed}: {round_(deployment, seed, names, options.keep / f'{seed}.jsonl')[1]}", flush=True)
            except Failed as failure:
                failed += 1
                print(f"seed {seed} FAILED ({' '.join(names)}):\n{failure}", flush=True)
            seed, rounds = seed + 1, rounds + 1
    print(f"{rounds - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
