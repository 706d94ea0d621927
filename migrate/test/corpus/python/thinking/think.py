import anthropic

client = anthropic.Anthropic()

deep = client.messages.create(
    model="claude-opus-4-20250514",
    max_tokens=16_000,
    thinking={"type": "enabled", "budget_tokens": 8_000},
    messages=[{"role": "user", "content": "Prove it."}],
)

quick = client.messages.create(
    model="claude-opus-4-1",
    max_tokens=500,
    thinking={
        "type": "disabled",
    },
    messages=[{"role": "user", "content": "Say hi."}],
)

params = {
    "model": "claude-opus-4-1-20250805",
    "max_tokens": 64_000,
    "temperature": 1.0,
    "thinking": {
        "type": "enabled",
        # enough for hard questions
        "budget_tokens": 20_000,
    },
    "messages": [{"role": "user", "content": "Think hard."}],
}
client.messages.create(**params)
