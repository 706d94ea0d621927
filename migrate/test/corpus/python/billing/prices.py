"""USD per million tokens, (input, output)."""

PRICES = {
    "gpt-4.1": (2.00, 8.00),
    "claude-sonnet-4-20250514": (3.00, 15.00),
}

CACHE = {
    "claude-sonnet-4-20250514": {"write_5m": 3.75, "write_1h": 6.00, "read": 0.30},
}

PER_1K = {
    "anthropic.claude-3-7-sonnet-20250219-v1:0": {"in": 0.003, "out": 0.015},
}

# What we paid in the past, by day; used for old invoices only.
PRICE_HISTORY = [
    ("2024-03-04", "claude-3-opus-20240229", 15.00, 75.00),
    ("2024-06-20", "claude-3-5-sonnet-20240620", 3.00, 15.00),
]

MAX_OUTPUT = {
    "claude-3-5-haiku-20241022": 8192,
}

DEFAULT_PRICE = PRICES["claude-sonnet-4-20250514"]


def cost(model, tokens_in, tokens_out):
    price_in, price_out = PRICES.get(model, DEFAULT_PRICE)
    return (tokens_in * price_in + tokens_out * price_out) / 1e6
