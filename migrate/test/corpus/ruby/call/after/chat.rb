require "anthropic"

anthropic = Anthropic::Client.new

message = anthropic.messages.create(
  max_tokens: 1024,
  messages: [{role: :user, content: "Hello, Claude"}],
  model: :"claude-sonnet-5-5"
)

thinking = anthropic.messages.create(
  model: Anthropic::Model::CLAUDE_SONNET_5_5,
  max_tokens: 16_000,
  thinking: {type: :adaptive},
  messages: [{role: :user, content: "Think"}]
)

MODELS = {
  fast: "claude-sonnet-5-5",
  smart: "claude-sonnet-5-5",
}.freeze

def old?(model)
  model.start_with?("claude-3-") || model =~ /claude-(2|instant)/
end
puts message.content
