from unittest import mock

import pytest

from desk.models import DEFAULT, price_of, resolve_alias


def test_default_model():
    assert DEFAULT == "claude-sonnet-4-20250514"


@pytest.mark.parametrize("alias, model", [("sonnet", "claude-sonnet-4-20250514")])
def test_aliases(alias, model):
    assert resolve_alias(alias) == model


def test_unknown_model_has_no_price():
    assert price_of("claude-9-imaginary") is None


@mock.patch("desk.client.create")
def test_model_is_passed_on(create):
    create.return_value = {"model": "claude-test", "content": []}
