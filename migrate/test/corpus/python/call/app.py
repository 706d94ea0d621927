"""Answers questions with Claude."""
import os

import anthropic

client = anthropic.Anthropic()
MODEL = os.getenv("ANTHROPIC_MODEL", "claude-3-7-sonnet-20250219")


def answer(question):
    response = client.messages.create(
        model=MODEL,
        max_tokens=1024,
        temperature=0.2,  # steady answers
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text


def summarize(text: str, *, limit: int = 400):
    return client.messages.create(
        model="claude-sonnet-4-20250514",
        max_tokens=limit,
        system="You are Claude 3.7 Sonnet, a helpful writer of summaries.",
        messages=[{"role": "user", "content": text}],
        top_p=0.9,
    )


if __name__ == "__main__":
    print(answer("What is a prime?"))
    summarize("A long text.")
