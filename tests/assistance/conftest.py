"""The people of one province."""

from tests.cases.conftest import team as team
