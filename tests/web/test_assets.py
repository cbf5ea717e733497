"""Only what pages need leaves the npm packages."""

import pytest

from kalkan.web import assets


@pytest.fixture
def vendor(tmp_path, settings):
    settings.VENDOR = tmp_path / "vendor"
    return settings.VENDOR


def test_gathering_twice_writes_nothing_the_second_time(vendor) -> None:
    assets.gather()
    before = {path.name: path.stat().st_mtime_ns for path in vendor.iterdir()}
    assets.gather()
    assert {path.name: path.stat().st_mtime_ns for path in vendor.iterdir()} == before
    assert {"tabler.css", "tabler.rtl.css", "htmx.js", "icons.svg", "inter-latin-ext-400.woff2"} <= set(before)


def test_the_sprite_holds_the_icons_that_pages_name_and_no_others(vendor) -> None:
    assets.gather()
    sprite = (vendor / "icons.svg").read_text()
    names = assets.icons_used()
    assert "shield-check" in names
    assert sprite.count("<symbol") == len(names)
    assert all(f'id="{name}"' in sprite for name in names)


def test_style_sheets_point_to_no_file_that_is_not_there(vendor) -> None:
    assets.gather()
    assert all("sourceMappingURL" not in path.read_text() for path in vendor.glob("*.css"))


def test_missing_packages_are_explained(vendor, settings, tmp_path) -> None:
    settings.NODE_MODULES = tmp_path / "nowhere"
    assets._read.cache_clear()
    try:
        with pytest.raises(assets.Missing, match="npm ci"):
            assets.gather()
    finally:
        assets._read.cache_clear()
