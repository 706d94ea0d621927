"""Answers questions about a handbook. Run with the API's address in ANTHROPIC_BASE_URL."""
import os

import anthropic

MODEL = os.getenv("RAG_MODEL", "claude-3-5-haiku-20241022")
client = anthropic.Anthropic()

HANDBOOK = [
    "The office opens at eight.",
    "Visitors sign the book at the desk.",
    "Parking is behind the house.",
]


def search(question, limit=2):
    words = set(question.lower().split())
    ranked = sorted(HANDBOOK, key=lambda text: -len(words & set(text.lower().split())))
    return ranked[:limit]


def answer(question):
    context = "\n".join(search(question))
    message = client.messages.create(
        model=MODEL,
        max_tokens=8192,
        temperature=0.1,
        system=f"Answer from this text only:\n{context}",
        messages=[{"role": "user", "content": question}],
    )
    return "".join(block.text or "" for block in message.content)


def grade(question, text):
    """One word; a small model is enough."""
    message = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=6000,
        thinking={"type": "enabled", "budget_tokens": 2048},
        messages=[{"role": "user", "content": f"Is this a good answer?\nQ: {question}\nA: {text}"}],
    )
    return message.stop_reason


def label(question):
    message = client.messages.create(
        model="claude-3-haiku-20240307",
        max_tokens=4096,
        thinking={"type": "disabled"},
        tools=[{"name": "label", "description": "Labels it", "input_schema": {"type": "object", "properties": {}}}],
        tool_choice={"type": "tool", "name": "label"},
        messages=[{"role": "user", "content": question}],
    )
    return message.stop_reason


if __name__ == "__main__":
    asked = "When does the office open?"
    print(grade(asked, answer(asked)), label(asked))
