import anthropic

client = anthropic.Anthropic()


def audit(code):
    message = client.messages.create(
        model="claude-mythos-preview",
        max_tokens=64000,
        thinking={"type": "enabled", "budget_tokens": 32000},
        messages=[{"role": "user", "content": f"Audit this:\n{code}"}],
    )
    return [block.text for block in message.content if block.type == "text"]
