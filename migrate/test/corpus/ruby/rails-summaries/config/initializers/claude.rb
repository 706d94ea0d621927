Rails.application.configure do
  config.x.claude.model = "us.anthropic.claude-opus-4-20250514-v1:0"
  config.x.claude.region = "us-east-1"
end
