import re

LEGACY = re.compile(r"^claude-(2|instant)")
VERSION = re.compile(r"claude-(?:3-5|3-7)-sonnet")


def uses_messages_api(model):
    return not LEGACY.match(model)


def supports_thinking(model):
    return "3-7" in model or "opus-4" in model or "sonnet-4" in model


def token_limit(model):
    match model:
        case "claude-3-haiku-20240307" | "claude-3-opus-20240229":
            return 4096
        case name if name.startswith("claude-3-5"):
            return 8192
        case _:
            return 32000


def strip_region(model):
    for prefix in ("us.", "eu.", "apac."):
        model = model.removeprefix(prefix)
    return model.removeprefix("anthropic.")


def tools_for(model):
    if model in {"claude-3-5-sonnet-20241022"}:
        return ["computer_20241022"]
    if VERSION.match(model):
        return []
    return ["bash_20250124"]


def is_claude(model):
    return model.split("/")[-1].startswith("claude-")


def is_fast(model):
    return "haiku" in model
