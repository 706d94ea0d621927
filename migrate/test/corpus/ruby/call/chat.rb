require "anthropic"

anthropic = Anthropic::Client.new

message = anthropic.messages.create(
  max_tokens: 1024,
  messages: [{role: :user, content: "Hello, Claude"}],
  model: :"claude-3-7-sonnet-latest",
  temperature: 0.2
)

thinking = anthropic.messages.create(
  model: Anthropic::Model::CLAUDE_SONNET_4_20250514,
  max_tokens: 16_000,
  thinking: {type: :enabled, budget_tokens: 4_000},
  messages: [{role: :user, content: "Think"}]
)

MODELS = {
  fast: "claude-3-5-haiku-20241022",
  smart: "claude-opus-4-1",
}.freeze

def old?(model)
  model.start_with?("claude-3-") || model =~ /claude-(2|instant)/
end
puts message.content
