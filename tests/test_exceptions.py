"""Whatever is excepted from ruff's rules, those about security among them, is excepted for a reason."""

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXCEPTION = re.compile(r"#\s*noqa(?!: [A-Z]+\d+(, [A-Z]+\d+)* - \w)")


def test_every_exception_in_a_line_says_why() -> None:
    files = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    places = [
        f"{file}:{number}"
        for file in files.stdout.split()
        for number, line in enumerate((ROOT / file).read_text().splitlines(), 1)
        if file != "tests/test_exceptions.py" and EXCEPTION.search(line)
    ]
    assert places == []


def test_every_exception_of_files_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    lines = text.splitlines()
    for files in tomllib.loads(text)["tool"]["ruff"]["lint"]["per-file-ignores"]:
        [number] = [number for number, line in enumerate(lines) if line.startswith(f'"{files}" = [')]
        assert "]  # " in lines[number] or lines[number - 1].startswith("# "), files


def test_the_rules_about_security_are_on() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    assert not [rule for rule in lint["ignore"] if re.fullmatch(r"S\d*", rule)]
