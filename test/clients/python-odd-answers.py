"""Calls a gateway with boto3, and prints the error of each call as JSON; `odd-answers.test.ts` judges it.

The server's address, the credentials and the calls (kind and prompt) come as arguments.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

base_url, access_key, secret_key, calls = sys.argv[1:]
client = boto3.client(
    "bedrock-runtime",
    endpoint_url=base_url,
    region_name="us-east-1",
    aws_access_key_id=access_key,
    aws_secret_access_key=secret_key,
    config=Config(retries={"total_max_attempts": 2, "mode": "standard"}),
)


def error_of(asked, prompt):
    call = client.converse_stream if asked == "stream" else client.converse
    try:
        call(
            modelId="us.anthropic.claude-opus-4-5-20251101-v1:0",
            messages=[{"role": "user", "content": [{"text": prompt}]}],
        )
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    return None


print(json.dumps([error_of(*call) for call in json.loads(calls)]))
