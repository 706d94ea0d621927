variable "model_id" {
  type        = string
  description = "Claude Sonnet 4.5 through the US profile"
  default     = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
}

variable "temperature" {
  default = 0.2
}

locals {
  models = [
    "anthropic.claude-3-7-sonnet-20250219-v1:0",
    "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "anthropic.claude-sonnet-4-20250514-v1:0",
  ]
  arns = [for id in local.models : "arn:aws:bedrock:us-east-1::foundation-model/${id}"]
}

data "aws_bedrock_foundation_model" "claude" {
  model_id = "anthropic.claude-sonnet-4-5-20250929-v1:0"
}

data "aws_iam_policy_document" "invoke" {
  statement {
    actions = ["bedrock:InvokeModel"]
    resources = [
      "arn:aws:bedrock:*::foundation-model/anthropic.claude-3-sonnet-*",
      "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-20250514-v1:0",
      "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0",
      "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3",
    ]
  }
}
