FROM python:3.13-slim
ENV ANTHROPIC_MODEL claude-3-5-haiku-20241022
ENV BEDROCK_MODEL_ID=us.anthropic.claude-3-haiku-20240307-v1:0
ENV MODEL_TEMPERATURE=0
# ENV ANTHROPIC_MODEL claude-instant-1.2
RUN pip install claude-3-worker==2.0
HEALTHCHECK CMD ["python", "-m", "worker.check", "--model=claude-haiku-4-5"]
