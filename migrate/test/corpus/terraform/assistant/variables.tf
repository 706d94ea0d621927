variable "region" {
  type    = string
  default = "us-east-1"
}

variable "model_id" {
  description = "Model of the assistant: Claude Sonnet 4 by default"
  type        = string
  default     = "us.anthropic.claude-sonnet-4-20250514-v1:0"

  validation {
    condition     = can(regex("^(us|eu)\\.anthropic\\.claude-(3-7-sonnet|sonnet-4)", var.model_id))
    error_message = "Only Sonnet 3.7 and Sonnet 4 are approved."
  }
}

variable "allowed_models" {
  description = "Base ids; the policy turns them into ARNs"
  type        = list(string)
  default = [
    "anthropic.claude-sonnet-4-20250514-v1:0",
    "amazon.nova-pro-v1:0",
  ]
}
