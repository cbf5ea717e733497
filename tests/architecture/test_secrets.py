"""No secret stands in the repository: settings read files and the environment, and nothing looks like a key."""

import ast
import re
import subprocess

import pytest

from kalkan.config.database import ROOT

_NAMES = re.compile(r"(?i)(secret|password|passwd|token|api_?key|private_?key|credential|dsn)")
_HARMLESS = re.compile(r"^(|[a-z_.]+|/[a-z_/]+|[A-Za-z_.]+(Hasher|Validator|Backend))$")
_LONG = re.compile(r"[A-Za-z0-9+/=_-]{32,}")
_KEYS = re.compile(r"BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[bap]-[0-9A-Za-z-]{10,}")
# The demonstration's password opens invented accounts only and is printed at every start.
_DEMONSTRATION = "kalkan/web/demonstration.py"


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout.decode()
    found = [name for name in listed.split("\0") if name]
    return found or [str(path.relative_to(ROOT)) for path in ROOT.glob("kalkan/**/*.py")]


def test_no_literal_in_the_settings_is_a_secret() -> None:
    tree = ast.parse((ROOT / "kalkan" / "config" / "settings.py").read_text())
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            is_literal = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
            found += [name for name in names if _NAMES.search(name) and is_literal]
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value
            found += [words for word in _LONG.findall(words) if any(one.isdigit() for one in word)]
            found += [words for _match in re.findall(r"://[^/\s:@]+:[^/\s@]+@", words)]
    assert found == []


@pytest.mark.parametrize("name", ["SECRET_KEY", "ACCOUNTS_KEY", "FILES_KEY"])
def test_a_key_comes_from_a_file(name: str) -> None:
    settings = (ROOT / "kalkan" / "config" / "settings.py").read_text()
    line = next(line for line in settings.splitlines() if line.startswith(f"{name} ="))
    made = "read_or_make" if name == "SECRET_KEY" else "read"  # what seals something is never made anew by itself
    assert f"keys.{made}(KEYS /" in line


def test_no_file_of_the_repository_holds_a_key_or_a_password() -> None:
    found = []
    for name in _tracked():
        path = ROOT / name
        if path.suffix in {".png", ".mo", ".gz", ".xlsx", ".csv", ".txt", ".json"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{name}: {match}" for match in _KEYS.findall(text) if name != "tests/architecture/test_secrets.py"]
        if path.suffix == ".py" and not name.startswith(("tests/", "bench/")) and name != _DEMONSTRATION:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.keyword) and node.arg and _NAMES.search(node.arg) and "__" not in node.arg:
                    is_literal = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
                    if is_literal and not _HARMLESS.match(node.value.value):  # type: ignore[attr-defined]
                        found.append(f"{name}: {node.arg}")
    assert found == []
