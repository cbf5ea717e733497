"""What axe-core finds on a page."""

from typing import Any

from django.conf import settings
from playwright.sync_api import Page

SCRIPT = settings.NODE_MODULES / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """The serious and critical violations on the page as it stands, one line each with the elements concerned."""
    # Through the debugging protocol, so that the page's own content security policy stays in force for the page.
    page.evaluate(SCRIPT.read_text() + "\n;undefined")
    found: list[dict[str, Any]] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"
        ".then(result => result.violations)",
        TAGS,
    )
    return [
        f"{page.url} {one['id']}: {one['help']} at {'; '.join(' '.join(node['target']) for node in one['nodes'][:4])}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]
