"""The AWS command line in somebody's hands."""

import json
import os
import subprocess
import sys
from pathlib import Path

import leaks

AWS = Path(sys.executable).parent / "aws"


def command_line(caller, folder):
    """A function that runs `aws WORDS...` in the folder and returns what it printed: JSON read, or text as it is."""

    def run(words, *values, fails=None, **environment):
        command = [AWS, *words.split(), *values]
        variables = {**os.environ, **caller.variables, **environment}
        result = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=variables)
        if fails:
            assert result.returncode == 254 or result.returncode == 255, (result.returncode, result.stderr)
            assert f"({fails})" in result.stderr, result.stderr
            return result.stderr
        assert result.returncode == 0, result.stderr
        try:
            answer = json.loads(result.stdout)
        except ValueError:
            return result.stdout.strip()
        leaks.note_members(answer)
        return answer

    return run
