locals {
  # Base ids; `arns` has their ARNs in every region.
  base_models = toset([
    "anthropic.claude-3-haiku-20240307-v1:0",
    "anthropic.claude-3-5-haiku-20241022-v1:0",
  ])
  arns = [for id in local.base_models : "arn:aws:bedrock:*::foundation-model/${id}"]

  agents = {
    sorter = { model = "us.anthropic.claude-3-haiku-20240307-v1:0", memory = 512 }
    tagger = { model = "us.anthropic.claude-3-5-haiku-20241022-v1:0", memory = 256 }
  }
}

variable "fallback_model" {
  type        = string
  default     = "eu.anthropic.claude-3-haiku-20240307-v1:0"
  description = "Answers when the quota is used up (Claude 3 Haiku)"
}

resource "aws_bedrockagent_agent" "sorter" {
  agent_name              = "claude-3-sorter"
  foundation_model        = "anthropic.claude-3-haiku-20240307-v1:0"
  agent_resource_role_arn = aws_iam_role.sorter.arn
}

resource "aws_iam_role_policy" "sorter" {
  role = aws_iam_role.sorter.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "bedrock:InvokeModel*"
      Resource = ["arn:aws:bedrock:*::foundation-model/anthropic.claude-3-*", "arn:aws:bedrock:*:*:inference-profile/us.anthropic.claude-3-5-haiku*"]
    }]
  })
}
