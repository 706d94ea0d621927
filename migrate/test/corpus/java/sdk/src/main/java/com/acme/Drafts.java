package com.acme;

import com.anthropic.client.AnthropicClient;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.Model;
import com.anthropic.models.messages.ToolChoiceAny;

public class Drafts {
  private final AnthropicClient client;

  public Drafts(AnthropicClient client) {
    this.client = client;
  }

  public Message write(String topic) {
    return client.messages().create(
        MessageCreateParams.builder()
            .model(Model.CLAUDE_3_5_SONNET_20241022)
            .maxTokens(8192)
            .topP(0.7)
            .addUserMessage("Write about " + topic)
            .build());
  }

  public Message think(String topic) {
    return client.messages().create(
        MessageCreateParams.builder()
            .model(Model.CLAUDE_OPUS_4_1)
            .maxTokens(16000)
            .enabledThinking(4096)
            .addUserMessage("What is missing in a text about " + topic)
            .build());
  }

  public Message label(String text) {
    return client.messages().create(
        MessageCreateParams.builder()
            .model("claude-3-haiku-20240307")
            .maxTokens(8192)
            .toolChoice(ToolChoiceAny.builder().build())
            .addUserMessage(text)
            .build());
  }
}
