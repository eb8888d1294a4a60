"""docs/scaling.md is right about its own arithmetic: the program on it prints what the page says that it prints."""

import re
import subprocess
import sys

import subject

PAGE = (subject.REPOSITORY / "docs/scaling.md").read_text()


def test_the_arithmetic_comes_out_as_it_is_written():
    ((program, said),) = re.findall(r"^```python\n(.*?)^```\n\n```\n(.*?)^```$", PAGE, re.M | re.S)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout == said
