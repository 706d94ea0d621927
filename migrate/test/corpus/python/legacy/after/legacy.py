from anthropic import Anthropic, HUMAN_PROMPT, AI_PROMPT

completion = Anthropic().completions.create(
    model="claude-2.1",
    max_tokens_to_sample=300,
    prompt=f"{HUMAN_PROMPT} hi{AI_PROMPT}",
)
BEDROCK = "anthropic.claude-v2:1"
INSTANT = "claude-sonnet-5-5"
INVENTED = "claude-3-5-opus"
