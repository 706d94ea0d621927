import os
from datetime import date

BASE = "claude-sonnet-4"
SNAPSHOT = os.environ.get("SNAPSHOT", "20250514")


def model_name(tier="sonnet"):
    return f"claude-{tier}-4-5"


def snapshot_name():
    return BASE + "-" + SNAPSHOT


def profile(region, family="haiku"):
    return "%s.anthropic.claude-3-%s-20240307-v1:0" % (region[:2], family)


def joined():
    return "claude-3-7-sonnet-" + date(2025, 2, 19).strftime("%Y%m%d")


def transcript(folder):
    return f"{folder}/claude-{date.today():%Y%m%d}.md"
