"""A virtual MFA device in its owner's hands: shows codes (RFC 6238) from the seed that CreateVirtualMFADevice gave."""

import base64
import hashlib
import hmac
import struct
import time

STEP_SECONDS = 30
# A code is computed, sent and looked at within this time, also where a command line has to start first.
ROOM_SECONDS = 4


class Authenticator:
    """Codes count once, and only one step early or late: from the first use on there are three of them, for
    `enable` (two) and one `code`."""

    def __init__(self, device):
        self.serial = device["SerialNumber"]
        self._seed = base64.b32decode(device["Base32StringSeed"])

    @property
    def pair(self):
        """The code of the step before this one, and that of this one."""
        return self._shown(-1), self._shown(0)

    @property
    def code(self):
        """The code of the next step, that `pair` has not used up."""
        return self._shown(1)

    def enable(self, iam, user):
        """Makes it the user's device."""
        first, second = self.pair
        codes = {"AuthenticationCode1": first, "AuthenticationCode2": second}
        iam.enable_mfa_device(UserName=user, SerialNumber=self.serial, **codes)
        return self

    def _shown(self, steps):
        now = time.time()
        left = STEP_SECONDS - now % STEP_SECONDS
        if left < ROOM_SECONDS:  # else one case of several would fail now and then, at the turn of a step
            time.sleep(left)
            now += left
        counter = struct.pack(">Q", int(now // STEP_SECONDS) + steps)
        digest = hmac.digest(self._seed, counter, hashlib.sha1)
        at = digest[-1] & 15
        return f"{(int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF) % 10**6:06}"
