# frozen_string_literal: true

# Summarizes articles. Raises if the API refuses.
class Summarizer
  MODEL = ENV.fetch("CLAUDE_MODEL", "claude-opus-4-1-20250805")
  FALLBACKS = %w[claude-3-opus-20240229 claude-3-sonnet-20240229].freeze

  def initialize(client: Anthropic::Client.new)
    @client = client
  end

  def call(article)
    @client.messages.create(
      model: MODEL,
      max_tokens: 8192,
      messages: [{role: :user, content: "Summarize:\n#{article.body}"}]
    )
  end

  def headline(article)
    @client.messages.create(
      model: :"claude-3-7-sonnet-latest",
      max_tokens: 8192,
      temperature: 0.9,
      messages: [{role: :user, content: "Headline for:\n#{article.body}"}]
    )
  end

  def critique(article)
    @client.messages.create(
      model: Anthropic::Model::CLAUDE_OPUS_4_0,
      max_tokens: 16_000,
      thinking: {type: :enabled, budget_tokens: 8_000},
      messages: [{role: :user, content: "Criticize:\n#{article.body}"}]
    )
  end

  def self.thinks?(model)
    model.match?(/claude-(3-7|opus-4|sonnet-4)/)
  end
end
