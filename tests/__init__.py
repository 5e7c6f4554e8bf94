"""The tests. What stands beside them, such as fixtures, says as clearly as they do what went wrong."""

import pkgutil

import pytest

pytest.register_assert_rewrite(*(f"tests.{module.name}" for module in pkgutil.iter_modules(__path__)))
