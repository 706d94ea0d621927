"""A small client with the calls of Anthropic's SDK that the programs use; it sends real requests."""
import json
import os
import urllib.error
import urllib.request


class _Answer(dict):
    """The members of an answer as attributes."""

    def __getattr__(self, name):
        value = self.get(name)
        if isinstance(value, dict):
            return _Answer(value)
        if isinstance(value, list):
            return [_Answer(each) if isinstance(each, dict) else each for each in value]
        return value


class _Messages:
    def create(self, betas=(), **body):
        request = urllib.request.Request(
            os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages",
            data=json.dumps(body).encode(),
            headers={
                "content-type": "application/json",
                "x-api-key": "sk-ant-test",
                "anthropic-version": "2023-06-01",
                **({"anthropic-beta": ",".join(betas)} if betas else {}),
            },
        )
        try:
            with urllib.request.urlopen(request) as response:
                return _Answer(json.load(response))
        except urllib.error.HTTPError as error:
            return _Answer({"content": [], "error": error.read().decode()})


class _Beta:
    messages = _Messages()


class Anthropic:
    messages = _Messages()
    beta = _Beta()
