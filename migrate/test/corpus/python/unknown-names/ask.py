import anthropic

client = anthropic.Anthropic()


def first(question):
    # never existed
    return client.messages.create(
        model="claude-3-5-opus",
        max_tokens=8192,
        messages=[{"role": "user", "content": question}],
    )


WRONG_DATE = "us.anthropic.claude-haiku-4-5-20251101-v1:0"
NO_VERSION = "claude-3-5-sonnet@20241022"
SWAPPED = "claude-haiku-3"
DATED = "claude-opus-4-6-20260205"
FAST = "claude-opus-4-7-fast"
LONG = "claude-sonnet-4-20250514[1m]"
ROUTED = "openrouter/anthropic/claude-3-5-sonnet"
