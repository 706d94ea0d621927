module Desk
  class Chat
    LIMITS = {
      "claude-3-7-sonnet-20250219" => 64_000,
    }.freeze

    def reply(text)
      client.messages.create(
        model: Anthropic::Model::CLAUDE_3_7_SONNET_LATEST,
        max_tokens: 8192,
        top_k: 3,
        messages: [{role: :user, content: text}]
      )
    end

    def choose(text)
      client.messages.create(
        model: :"claude-sonnet-4-5",
        max_tokens: 8192,
        tools: [Save],
        tool_choice: {type: :tool, name: "save"},
        messages: [{role: :user, content: text}]
      )
    end

    def thinking?(model)
      model.start_with?("claude-3-7", "claude-sonnet-4")
    end
  end
end
