"""A Chromium for the browser tests: the one on PATH, else Debian's package where root, else Playwright's own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
SENTENCE = (
    "The browser tests need a Chromium and none could be had: install one so that `chromium` is on the PATH "
    "(Debian: apt-get install chromium), or run `playwright install chromium`."
)


class NoChromium(Exception):
    """No Chromium is here and none can be installed."""


def find() -> str | None:
    """The executable to drive; None stands for Playwright's own. Installs one where there is none.

    Raises NoChromium with a sentence that says how to mend it.
    """
    return _on_path() or _from_debian() or _from_playwright()


def _on_path() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def _from_debian() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)  # type: ignore[call-overload]
    subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False, **quiet)  # type: ignore[call-overload]
    return _on_path()


def _from_playwright() -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        executable = Path(playwright.chromium.executable_path)
    if not executable.exists():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if not executable.exists():
        raise NoChromium(SENTENCE)
