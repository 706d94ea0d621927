DEFAULT = "claude-sonnet-4-20250514"
ALIASES = {
    "sonnet": "claude-sonnet-4-20250514",
    "opus": "claude-3-opus-latest",
    "claude-3-5-sonnet": "claude-3-5-sonnet-20241022",
}


def resolve_alias(name):
    return ALIASES.get(name, name)


def price_of(name):
    return {"claude-sonnet-4-20250514": 3.0}.get(name)
