"""Workers: threads that use registers through all nodes, and write down what they asked and what came of it.

Some ask for anything, changes too, and can be held up by a node that is in trouble: no more than two of them at a time by one node.
The others read what nodes answer from memory, and so go on everywhere.
"""

import random
import threading

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError
from history.deployment import NODES
from history.records import OK, REFUSED, UNKNOWN, Operation

KEYS, ALIASES, GRANTEES = 3, 3, 2
CHANGERS, READERS, HELD_UP_MAX = 6, 4, 2
# Rotations on demand of a key are limited to 25 in its life.
ROTATIONS_MAX = 20
# What did not happen, whatever was asked: the node refuses before it does anything.
NOT_DONE = {"ThrottlingException", "InvalidSignatureException"}
# The same, of those whose code alone does not tell: what could not be recorded, or was not done in time, may have happened.
NOT_CURRENT = "This node cannot prove that what it knows is current"
REFUSALS = {
    "DisabledException",
    "KMSInvalidStateException",
    "NotFoundException",
    "AlreadyExistsException",
    "AccessDeniedException",
    "LimitExceededException",
}


class Work:
    """The registers of a run, and what is done with them."""

    def __init__(self, deployment, history, seed):
        self._deployment, self._history = deployment, history
        self._lock, self._count, self._seed = threading.Lock(), 0, seed
        self._ends, self.unexpected = threading.Event(), []
        client = deployment.client(0)
        made = [client.create_key(Description="of the run")["KeyMetadata"]["KeyId"] for _ in range(KEYS + GRANTEES + 3)]
        self.keys, made = made[:KEYS], made[KEYS:]
        self.granted, made = made[:GRANTEES], made[GRANTEES:]
        self.targets, self.rotated = made[:2], made[2]
        self.aliases = [f"alias/run{seed}-{number}" for number in range(ALIASES)]
        self._grants = {key: {} for key in self.granted}
        self._rotations = 0
        self._busy = [0] * NODES

    def start(self):
        """Starts the workers; `end` ends them."""
        anything = [(self._key, 30), (self._alias, 25), (self._grant, 25), (self._create, 6), (self._rotate, 3)]
        lines = [(self._change, anything)] * CHANGERS + [(self._read, None)] * READERS
        self._threads = [
            threading.Thread(target=self._work, args=(number, *line), daemon=True) for number, line in enumerate(lines)
        ]
        for thread in self._threads:
            thread.start()

    def end(self):
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _work(self, number, step, kinds):
        dice = random.Random(f"{self._seed}/{number}")
        # A pause, or the workers would have the machine for themselves.
        while not self._ends.wait(dice.uniform(0.01, 0.05)):
            try:
                step(dice, kinds)
            except Exception as error:  # noqa: BLE001, it is told of at the end
                self.unexpected.append(repr(error))
                return

    def _change(self, dice, kinds):
        with self._lock:
            free = [node for node in range(NODES) if self._busy[node] < HELD_UP_MAX]
            node = dice.choice(free)
            self._busy[node] += 1
        try:
            dice.choices(*zip(*kinds))[0](node, dice)
        finally:
            with self._lock:
                self._busy[node] -= 1

    def _read(self, dice, _):
        node, kind = dice.randrange(NODES), dice.randrange(3)
        if kind == 0:
            self.read_or_change_key(dice.choice(self.keys), dice.choice(("describe", "encrypt")), node)
        elif kind == 1:
            self.read_or_change_alias(dice.choice(self.aliases), "describe", None, node)
        else:
            self.read_or_change_grants(dice.choice(self.granted), "use", None, node)

    def _key(self, node, dice):
        self.read_or_change_key(dice.choice(self.keys), dice.choices(list(KEY_CALLS), KEY_WEIGHTS)[0], node)

    def read_or_change_key(self, key, action, node):
        name, more = KEY_CALLS[action]

        def call(client):
            return getattr(client, name)(KeyId=key, **more)

        self._do(f"key:{key}", node, action, None, call, lambda answer: answer.get("KeyMetadata", {}).get("KeyState"))

    def _alias(self, node, dice):
        alias, target = dice.choice(self.aliases), dice.choice(self.targets)
        action = dice.choices(("create", "update", "delete", "list", "describe"), (20, 15, 15, 10, 40))[0]
        self.read_or_change_alias(alias, action, target, node)

    def read_or_change_alias(self, alias, action, target, node):
        pair = {"AliasName": alias, "TargetKeyId": target}
        calls = {
            "create": lambda client: client.create_alias(**pair),
            "update": lambda client: client.update_alias(**pair),
            "delete": lambda client: client.delete_alias(AliasName=alias),
            "list": lambda client: client.list_aliases(Limit=100),
            "describe": lambda client: client.describe_key(KeyId=alias),
        }

        def answered(answer):
            if action == "list":
                found = [one for one in answer["Aliases"] if one["AliasName"] == alias]
                return found[0]["TargetKeyId"] if found else None
            return answer["KeyMetadata"]["KeyId"] if action == "describe" else None

        argument = target if action in ("create", "update") else None
        self._do(f"alias:{alias}", node, action, argument, calls[action], answered)

    def _grant(self, node, dice):
        key = dice.choice(self.granted)
        action = dice.choices(("create", "revoke", "list", "use"), (15, 20, 10, 55))[0]
        known = self._grants[key]
        with self._lock:
            names = list(known)
        if action == "revoke" and not names or action == "create" and len(names) > 2:
            action = "use"
        self.read_or_change_grants(key, action, dice.choice(names) if action == "revoke" else self._name("grant"), node)

    def read_or_change_grants(self, key, action, name, node):
        known, grantee = self._grants[key], self._deployment.grantee.arn
        grant_id = known.get(name)
        calls = {
            "create": lambda client: client.create_grant(
                KeyId=key, GranteePrincipal=grantee, Operations=["Encrypt"], Name=name
            ),
            "revoke": lambda client: client.revoke_grant(KeyId=key, GrantId=grant_id),
            "list": lambda client: client.list_grants(KeyId=key, Limit=100),
            "use": lambda client: client.encrypt(KeyId=key, Plaintext=b"x"),
        }

        def answered(answer):
            with self._lock:
                if action == "create":
                    known[name] = answer["GrantId"]
                if action == "list":
                    # Those that were made without an answer are learnt of here, and so will be revoked.
                    known.update((one["Name"], one["GrantId"]) for one in answer["Grants"])
                    return " ".join(sorted(one["Name"] for one in answer["Grants"]))

        if action == "revoke" and grant_id is None:
            return
        is_grantee = action == "use"
        argument = name if action in ("create", "revoke") else None
        outcome = self._do(f"grants:{key}", node, action, argument, calls[action], answered, is_grantee)
        if action == "revoke" and outcome in (OK, REFUSED):
            with self._lock:
                known.pop(name, None)

    def _create(self, node, dice):
        name = self._name("key")
        call = lambda client: client.create_key(Description=name)  # noqa: E731
        self._do(f"keys:{name}", node, "create", name, call, lambda answer: answer["KeyMetadata"]["KeyId"])

    def _rotate(self, node, dice):
        with self._lock:
            self._rotations += 1
            if self._rotations > ROTATIONS_MAX:
                return
        call = lambda client: client.rotate_key_on_demand(KeyId=self.rotated)  # noqa: E731
        self._do(f"rotations:{self.rotated}", node, "rotate", None, call, lambda answer: None)

    def _do(self, register, node, action, argument, call, answered, is_grantee=False):
        client, began = self._deployment.client(node, is_grantee), self._history.now()
        request = None
        try:
            answer = call(client)
            ended, outcome = self._history.now(), OK
            request, answer = _number(answer), answered(answer)
        except ClientError as error:
            ended, answer, request = self._history.now(), error.response["Error"]["Code"], _number(error.response)
            outcome = outcome_of(answer, error.response["Error"].get("Message", ""))
            if outcome is None:
                return None
        except (EndpointConnectionError, ConnectTimeoutError):
            return None
        except BotoCoreError as error:
            ended, answer, outcome = self._history.now(), type(error).__name__, UNKNOWN
        self._history.add(Operation(register, node, action, argument, outcome, answer, began, ended, request))
        return outcome

    def _name(self, kind):
        with self._lock:
            self._count += 1
            return f"{kind}-{self._seed}-{self._count}"

    def look_at_everything(self):
        """Reads every register through every node; part of the history like all else."""
        for node in range(NODES):
            for key in self.keys:
                self.read_or_change_key(key, "describe", node)
                self.read_or_change_key(key, "encrypt", node)
            for alias in self.aliases:
                self.read_or_change_alias(alias, "describe", None, node)
                self.read_or_change_alias(alias, "list", None, node)
            for key in self.granted:
                self.read_or_change_grants(key, "use", None, node)
                self.read_or_change_grants(key, "list", None, node)

    def found(self, node):
        """All keys that workers made, by id with their descriptions, and the material of each rotation, as a node shows them."""
        client = self._deployment.patient_client(node)
        listed = [one["KeyId"] for page in client.get_paginator("list_keys").paginate() for one in page["Keys"]]
        described = {key: client.describe_key(KeyId=key)["KeyMetadata"]["Description"] for key in listed}
        of_the_run = f"key-{self._seed}-"
        made = {key: text for key, text in described.items() if text.startswith(of_the_run)}
        pages = client.get_paginator("list_key_rotations").paginate(KeyId=self.rotated)
        materials = [one["KeyMaterialId"] for page in pages for one in page["Rotations"]]
        return made, {self.rotated: materials}


def outcome_of(code, message):
    """What an error says of a request; None where nothing has happened."""
    if code in NOT_DONE or message.startswith(NOT_CURRENT):
        return None
    return REFUSED if code in REFUSALS else UNKNOWN


def _number(answer):
    return answer["ResponseMetadata"].get("RequestId")


KEY_CALLS = {
    "enable": ("enable_key", {}),
    "disable": ("disable_key", {}),
    "schedule": ("schedule_key_deletion", {"PendingWindowInDays": 7}),
    "cancel": ("cancel_key_deletion", {}),
    "describe": ("describe_key", {}),
    "encrypt": ("encrypt", {"Plaintext": b"x"}),
}
KEY_WEIGHTS = (18, 15, 4, 8, 15, 40)
