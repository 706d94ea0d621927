import anthropic

client = anthropic.Anthropic()


def extract(text):
    return client.messages.create(
        model="claude-sonnet-4-5-20250929",
        max_tokens=300,
        temperature=0,
        messages=[
            {"role": "user", "content": f"Give the names in {text} as JSON."},
            {"role": "assistant", "content": "{"},
        ],
    )


def classify(text):
    return client.messages.create(
        model="claude-3-haiku-20240307",
        max_tokens=1,
        messages=[
            {"role": "user", "content": text},
            {"role": "assistant", "content": "The answer is ("},
        ],
    )


extract("Ann and Bob")
