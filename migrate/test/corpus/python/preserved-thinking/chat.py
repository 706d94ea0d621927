from datetime import datetime

import anthropic

client = anthropic.Anthropic()


class Chat:
    def __init__(self):
        self.messages = []

    def say(self, text):
        self.messages.append({"role": "user", "content": text})
        if len(self.messages) > 30:
            self.messages.pop(0)
        reply = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=8192,
            system=f"It is {datetime.now():%H:%M}. Be brief.",
            messages=self.messages,
        )
        self.messages.append({"role": "assistant", "content": reply.content})
        return reply.content[0].text


def structured(text, schema):
    return client.beta.messages.create(
        model="claude-sonnet-4-5-20250929",
        max_tokens=8192,
        betas=["structured-outputs-2025-11-13"],
        output_format={"type": "json_schema", "schema": schema},
        messages=[{"role": "user", "content": text}],
    )


def tight(text):
    return client.messages.create(
        model="claude-3-5-haiku-20241022",
        max_tokens=256,
        messages=[{"role": "user", "content": text}],
    )
