"""The ledger adds up as OpenDP does, refuses when it is spent, and shows every edit."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tally.cli import app
from tally.disclosure.ledger import Ledger, LedgerError, data_hash
from tally.synthesis.privacy import PrivacyError, epsilon_of, rho_of

AT = datetime(2026, 1, 1, tzinfo=UTC)


def _ledger(path: Path, releases: int = 3) -> Ledger:
    ledger = Ledger(path)
    ledger.open(epsilon=4, delta=1e-6, by="DPO", at=AT)
    for number in range(releases):
        ledger.record(rho=0.02, epsilon=0.9, delta=1e-6, data="d" * 64, about=f"year {number}", by="Ayşe", at=AT)
    return ledger


def test_releases_compose_over_years_and_stop_at_the_budget(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path / "ledger", 3)
    balance = ledger.balance()
    assert balance.releases == 3
    assert balance.spent == pytest.approx(epsilon_of(0.06, 1e-6))
    assert balance.spent < 3 * 0.9  # composition is better than adding epsilons
    with pytest.raises(LedgerError, match="the budget is spent"):
        ledger.record(rho=rho_of(4, 1e-6), epsilon=4, delta=1e-6, data="", about="too much", by="Ayşe", at=AT)
    assert ledger.balance() == balance


def test_who_approved_must_be_named_and_the_budget_is_set_once(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path / "ledger", 0)
    with pytest.raises(LedgerError, match="must be named"):
        ledger.record(rho=0.01, epsilon=1, delta=1e-6, data="", about="x", by=" ", at=AT)
    with pytest.raises(LedgerError, match="a budget is set once"):
        ledger.open(epsilon=9, delta=1e-6, by="DPO", at=AT)
    with pytest.raises(PrivacyError, match="more than 0"):
        Ledger(tmp_path / "other").open(epsilon=0, delta=1e-6, by="DPO", at=AT)
    assert not (tmp_path / "other").exists()
    with pytest.raises(LedgerError, match="there is no ledger"):
        Ledger(tmp_path / "other").record(rho=0.01, epsilon=1, delta=1e-6, data="", about="x", by="A", at=AT)
    assert not (tmp_path / "other").exists()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_any_edit_of_any_character_is_seen(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "ledger"
    path.unlink(missing_ok=True)
    ledger = _ledger(path)
    text = path.read_text()
    place = data.draw(st.integers(0, len(text) - 2))
    letter = data.draw(st.sampled_from("0aZ9 é").filter(lambda c: c != text[place]))
    path.write_text(text[:place] + letter + text[place + 1 :])
    try:
        entries = ledger.entries()
    except LedgerError:
        return
    # What is not seen must not change anything: a space of the layout, never of the content.
    path.write_text(text)
    assert entries == ledger.entries()


def test_lines_cannot_be_removed_moved_or_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    ledger = _ledger(path)
    head = ledger.balance().head
    lines = path.read_text().splitlines(keepends=True)
    for changed in (lines[:1] + lines[2:], [lines[0], lines[2], lines[1], lines[3]], lines[1:], [*lines, lines[-1]]):
        path.write_text("".join(changed))
        with pytest.raises(LedgerError, match="the file was edited"):
            ledger.entries()
    path.write_text("".join(lines[:-1]))
    ledger.entries()  # a cut end is a whole chain: only the head kept elsewhere shows it
    with pytest.raises(LedgerError, match="lines were cut off"):
        ledger.verify(head)


def test_a_resealed_forgery_is_seen_by_the_head_kept_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    ledger = _ledger(path)
    head = ledger.balance().head
    path.unlink()
    _ledger(path, 1)
    with pytest.raises(LedgerError):
        ledger.verify(head)


def test_the_commands_open_show_and_verify(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger")
    run = CliRunner().invoke(app, ["ledger", "open", path, "--epsilon", "3", "--by", "DPO"])
    assert json.loads(run.stdout)["budget"] == 3
    assert json.loads(CliRunner().invoke(app, ["ledger", "show", path]).stdout)["entries"][0]["by"] == "DPO"
    assert CliRunner().invoke(app, ["ledger", "verify", path]).exit_code == 0
    Path(path).write_text(Path(path).read_text().replace("DPO", "XXX"))
    run = CliRunner().invoke(app, ["ledger", "verify", path])
    assert (run.exit_code, "the file was edited" in run.stderr) == (2, True)


def test_the_data_version_is_its_hash(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert data_hash(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
