import json
import urllib.request

HEADERS = {
    "content-type": "application/json",
    "anthropic-version": "2026-10-21",
}


def post(url, question, key):
    body = {
        "model": "claude-sonnet-4-5-20250929",
        "max_tokens": 1000,
        "temperature": 0.5,
        "messages": [{"role": "user", "content": question}],
    }
    request = urllib.request.Request(
        url,
        data=json.dumps(body).encode(),
        headers={**HEADERS, "x-api-key": key},
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)
