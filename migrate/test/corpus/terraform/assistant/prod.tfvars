model_id    = "us.anthropic.claude-3-7-sonnet-20250219-v1:0"
temperature = 0
top_p       = 1
