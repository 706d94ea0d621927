PRICES = {
    "claude-3-opus-20240229": {"input": 15.00, "output": 75.00},
    "claude-sonnet-5-5": {"input": 2.00, "output": 10.00},
    "claude-3-7-sonnet-20250219": {"input": 3.00, "output": 15.00},
    "claude-opus-4-20250514": {"input": 15.00, "output": 75.00},
}

PER_TOKEN = {
    "claude-sonnet-4-20250514": (3e-06, 15e-06),
    "claude-sonnet-5-5": (2e-06, 1e-05),
}

CONTEXT = {
    "claude-sonnet-4-20250514": 200_000,
    "claude-sonnet-5-5": 1_000_000,
}

MAX_OUTPUT = {
    'claude-3-5-haiku-20241022': 8192,
    'claude-sonnet-5-5': 128000,
    'claude-sonnet-4-20250514': 64000,
}


def cost(model, tokens_in, tokens_out):
    price = PRICES[model]
    return (tokens_in * price["input"] + tokens_out * price["output"]) / 1e6
