import os

tier = os.environ["TIER"]
family = "sonnet"
by_tier = f"claude-{tier}-4-5"
dated = "claude-sonnet-4-" + os.environ["MODEL_DATE"]
profile = f"us.anthropic.claude-{family}-4-20250514-v1:0"
session_file = f"claude-{os.getpid()}.json"
log = f"claude-{session_file}"


class Settings:
    def __init__(self, config):
        self.model = getattr(config, "model", "claude-3-5-sonnet-latest")
        self.fallback = os.environ.get("FALLBACK_MODEL") or "claude-3-5-haiku-latest"
