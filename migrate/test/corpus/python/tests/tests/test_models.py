from app.models import DEFAULT, parse


def test_default():
    assert DEFAULT == "claude-sonnet-4-0"


def test_parse():
    assert parse("us.anthropic.claude-3-7-sonnet-20250219-v1:0").family == "sonnet"
