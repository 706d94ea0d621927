import anthropic

client = anthropic.Anthropic()

deep = client.messages.create(
    model="claude-opus-5-5",
    max_tokens=16_000,
    thinking={"type": "adaptive"},
    messages=[{"role": "user", "content": "Prove it."}],
)

quick = client.messages.create(
    model="claude-opus-5-5",
    max_tokens=500,
    messages=[{"role": "user", "content": "Say hi."}],
)

params = {
    "model": "claude-opus-5-5",
    "max_tokens": 64_000,
    "temperature": 1.0,
    "thinking": {
        "type": "adaptive",
        # enough for hard questions
    },
    "messages": [{"role": "user", "content": "Think hard."}],
}
client.messages.create(**params)
