"""Shorter chains: how long a chain must be is for `test_posteriors`; elsewhere it is enough that there are chains."""

from functools import partial

import pytest

from tally.prevalence import estimation, sample_latent_classes


@pytest.fixture(autouse=True)
def short_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    brief = partial(sample_latent_classes, draws=100, thinning=2, burn_in=200)
    monkeypatch.setattr(estimation, "sample_latent_classes", brief)
