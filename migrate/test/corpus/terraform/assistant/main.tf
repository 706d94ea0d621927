data "aws_bedrock_foundation_model" "chat" {
  model_id = "anthropic.claude-3-7-sonnet-20250219-v1:0"
}

data "aws_bedrock_inference_profile" "chat" {
  inference_profile_id = "eu.anthropic.claude-3-7-sonnet-20250219-v1:0"
}

resource "aws_iam_policy" "invoke" {
  name = "claude-invoke"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["bedrock:InvokeModel"]
      Resource = [
        for id in var.allowed_models : "arn:aws:bedrock:${var.region}::foundation-model/${id}"
      ]
      }, {
      Effect   = "Allow"
      Action   = ["bedrock:InvokeModel"]
      Resource = "arn:aws:bedrock:*::foundation-model/anthropic.claude-3-5-sonnet-*"
    }]
  })
}

resource "aws_lambda_function" "chat" {
  function_name = "claude-3-chat"
  role          = aws_iam_role.chat.arn
  environment {
    variables = {
      MODEL_ARN   = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-3-5-sonnet-20241022-v2:0"
      PROFILE_ARN = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/k3j9f0a1"
    }
  }
}
