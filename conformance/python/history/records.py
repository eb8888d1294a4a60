"""What happened: requests with their two times by one clock, and what came of them."""

import datetime
import json
import threading
import time
from dataclasses import asdict, dataclass

# What came of a request. What did not happen for sure (no connection, 503) is not written down.
OK, REFUSED, UNKNOWN = "ok", "refused", "unknown"


@dataclass(frozen=True)
class Operation:
    """A request to one node. `answer` is what a read showed, or the code of a refusal; `request` its number, where one was answered."""

    register: str
    node: int
    action: str
    argument: str | None
    outcome: str
    answer: str | None
    began: float
    ended: float
    request: str | None = None

    def __str__(self):
        argument = f"({self.argument})" if self.argument else ""
        answer = f" {self.answer}" if self.answer else ""
        return f"{self.began:10.4f} {self.ended:10.4f} node {self.node} {self.action}{argument}: {self.outcome}{answer}"


class Failed(Exception):
    """A run did not go as promised; the text says how, and where its history is kept."""


class History:
    """The operations of a run, from many threads; and the faults, for whoever reads it."""

    def __init__(self):
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self.started = datetime.datetime.now(datetime.UTC)
        self.operations, self.faults = [], []

    def now(self):
        """Seconds since the start, by a clock that nobody sets."""
        return time.monotonic() - self._started

    def add(self, operation):
        with self._lock:
            self.operations.append(operation)

    def fault(self, text):
        with self._lock:
            self.faults.append((self.now(), text))

    def of(self, prefix):
        """The operations of each register whose name begins so."""
        found = {}
        for operation in self.operations:
            if operation.register.startswith(prefix):
                found.setdefault(operation.register, []).append(operation)
        return found

    def save(self, path):
        with open(path, "w") as file:
            for moment, text in self.faults:
                file.write(json.dumps({"fault": text, "at": moment}) + "\n")
            for operation in self.operations:
                file.write(json.dumps(asdict(operation)) + "\n")

    @classmethod
    def load(cls, path):
        history = cls()
        for line in open(path):
            row = json.loads(line)
            if "fault" in row:
                history.faults.append((row["at"], row["fault"]))
            else:
                history.operations.append(Operation(**row))
        return history
