package com.acme;

/** The models that we offer. */
public enum ChatModelName {
  /** Claude Opus 3. Retired on 2026-01-05. */
  CLAUDE_3_OPUS_20240229("claude-3-opus-20240229"),
  CLAUDE_3_7_SONNET_20250219("claude-3-7-sonnet-20250219"),
  FAST("claude-3-5-haiku-20241022");

  private final String id;

  ChatModelName(String id) {
    this.id = id;
  }

  @Override
  public String toString() {
    return id;
  }

  public boolean isOld() {
    return id.startsWith("claude-2") || id.startsWith("claude-3");
  }
}
