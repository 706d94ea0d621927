from anthropic import AnthropicBedrock, AnthropicFoundry, AnthropicVertex

BY_PLATFORM = {
    "api": "claude-opus-4-1-20250805",
    "aws": "claude-opus-4-1",
    "bedrock": "us.anthropic.claude-opus-4-1-20250805-v1:0",
    "vertex": "claude-opus-4-1@20250805",
}


def japan(question):
    return AnthropicBedrock(aws_region="ap-northeast-1").messages.create(
        model="jp.anthropic.claude-sonnet-4-5-20250929-v1:0",
        max_tokens=8192,
        messages=[{"role": "user", "content": question}],
    )


def anywhere(question):
    return AnthropicBedrock(aws_region="us-east-1").messages.create(
        model="global.anthropic.claude-sonnet-4-20250514-v1:0",
        max_tokens=8192,
        extra_body={"anthropic_beta": ["context-1m-2025-08-07"]},
        messages=[{"role": "user", "content": question}],
    )


def google(question):
    return AnthropicVertex(region="global", project_id="acme").messages.create(
        model="claude-opus-4@20250514",
        max_tokens=8192,
        top_p=0.5,
        messages=[{"role": "user", "content": question}],
    )


def azure(question):
    return AnthropicFoundry(resource="acme").messages.create(
        model="claude-opus-4-5",
        max_tokens=8192,
        messages=[{"role": "user", "content": question}],
    )
