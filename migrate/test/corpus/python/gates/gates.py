import re


def max_tokens(model):
    if model.startswith("claude-3-7"):
        return 64_000
    if "opus-4" in model:
        return 32_000
    if re.match(r"claude-3-[57]", model):
        return 8_192
    return 4_096


def has_thinking(model):
    return model in ("claude-3-7-sonnet-20250219", "claude-sonnet-4-20250514")


def is_haiku(model):
    return model == "claude-3-haiku-20240307"


def is_claude(model):
    return model.startswith("claude-")


def is_ours(model):
    return "claude" in model.lower()
