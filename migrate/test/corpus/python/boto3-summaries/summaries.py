import json
import re

from bedrock import converse, invoke_model

# Sonnet is enough for mails; see https://docs.aws.amazon.com/bedrock for the profiles.
MAIL_MODEL = "us.anthropic.claude-3-5-sonnet-20241022-v2:0"


def summarise_mail(text):
    quoted = re.sub(r"^>.*$", "", text, flags=re.M)
    answer = converse(
        modelId=MAIL_MODEL,
        messages=[{"role": "user", "content": [{"text": f"Summarise:\n{quoted}"}]}],
        inferenceConfig={"maxTokens": 700, "temperature": 0.3, "topP": 0.95},
    )
    return answer["output"]["message"]["content"][0]["text"]


def summarise_report(text):
    body = json.dumps(
        {
            "anthropic_version": "bedrock-2023-05-31",
            "max_tokens": 4000,
            "messages": [{"role": "user", "content": f"Summarise this report:\n{text}"}],
        }
    )
    return invoke_model(modelId="us.anthropic.claude-opus-4-20250514-v1:0", body=body)["stop_reason"]


if __name__ == "__main__":
    print(summarise_mail("Hello\n> old text\nThe train is late."))
    print(summarise_report("Nothing happened in May."))
