import json

import anthropic
import boto3

client = anthropic.Anthropic()
bedrock = boto3.client("bedrock-runtime")


def complete(question):
    return client.completions.create(
        model="claude-2.1",
        max_tokens_to_sample=300,
        prompt=f"{anthropic.HUMAN_PROMPT} {question}{anthropic.AI_PROMPT}",
    ).completion


def complete_on_bedrock(question):
    body = json.dumps(
        {
            "prompt": f"\n\nHuman: {question}\n\nAssistant:",
            "max_tokens_to_sample": 500,
            "temperature": 0.5,
        }
    )
    return bedrock.invoke_model(modelId="anthropic.claude-v2:1", body=body)


def complete_fast(question):
    return client.completions.create(
        model="claude-instant-1.2",
        max_tokens_to_sample=100,
        stop_sequences=[anthropic.HUMAN_PROMPT],
        prompt=f"\n\nHuman: {question}\n\nAssistant:",
    )
