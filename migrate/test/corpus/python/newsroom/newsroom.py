"""Drafts, checks and translates short news."""
import anthropic

client = anthropic.Anthropic()
HOUSE_STYLE = "Write plainly. No exclamation marks."


def draft(notes):
    return client.messages.create(
        model="claude-3-7-sonnet-20250219",
        max_tokens=8192,
        temperature=0.7,
        system=HOUSE_STYLE,
        messages=[{"role": "user", "content": f"News from these notes: {notes}"}],
    )


def check(text):
    return client.messages.create(
        model="claude-sonnet-4-20250514",
        max_tokens=20000,
        thinking={"type": "enabled", "budget_tokens": 10000},
        messages=[{"role": "user", "content": f"Is anything wrong here?\n{text}"}],
    )


def translate(text, language):
    return client.messages.create(
        model="claude-3-5-sonnet-latest",
        max_tokens=1000,
        thinking={"type": "disabled"},
        top_k=10,
        messages=[{"role": "user", "content": f"In {language}: {text}"}],
    )


def headline(text):
    options = {"top_p": 0.8, "max_tokens": 8192}
    return client.messages.create(
        model="claude-sonnet-4-5",
        messages=[{"role": "user", "content": f"A headline for: {text}"}],
        **options,
    )


def text_of(message):
    return "".join(block.text or "" for block in message.content if block.type == "text")


article = text_of(draft("Bridge closed, opens in May."))
print(check(article).stop_reason, translate(article, "French").stop_reason, headline(article).stop_reason)
