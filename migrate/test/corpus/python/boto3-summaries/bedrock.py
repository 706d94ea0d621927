"""The two calls of bedrock-runtime that we need, without boto3."""
import json
import os
import urllib.parse
import urllib.request

ENDPOINT = os.environ.get("ANTHROPIC_BASE_URL", "https://bedrock-runtime.us-east-1.amazonaws.com")


def _post(path, body):
    request = urllib.request.Request(
        ENDPOINT + path,
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json", "authorization": "Bearer test"},
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def converse(modelId, **body):
    return _post(f"/model/{urllib.parse.quote(modelId, safe='')}/converse", body)


def invoke_model(modelId, body):
    return _post(f"/model/{urllib.parse.quote(modelId, safe='')}/invoke", json.loads(body))
