package main

import (
	"context"
	"strings"

	"github.com/anthropics/anthropic-sdk-go"
)

// DefaultModel replaced claude-2.1 in 2024.
const DefaultModel = "claude-3-5-haiku-20241022"

var prices = map[string]Price{
	"claude-3-5-haiku-20241022": {Input: 0.80, Output: 4.00},
	"claude-opus-4-1-20250805":  {Input: 15, Output: 75},
}

func ask(ctx context.Context, client anthropic.Client) (*anthropic.Message, error) {
	return client.Messages.New(ctx, anthropic.MessageNewParams{
		Model:       anthropic.ModelClaude3_7SonnetLatest,
		MaxTokens:   4096,
		Thinking:    anthropic.ThinkingConfigParamOfEnabled(2048),
		Messages: []anthropic.MessageParam{
			anthropic.NewUserMessage(anthropic.NewTextBlock("hi")),
		},
	})
}

func sample(ctx context.Context, client anthropic.Client) {
	client.Messages.New(ctx, anthropic.MessageNewParams{
		Model:       "claude-3-5-haiku-latest",
		MaxTokens:   4096,
		Temperature: anthropic.Float(0.3),
		TopP:        anthropic.Float(0.9),
		Messages:    []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("hi"))},
	})
}

func prefilled(ctx context.Context, client anthropic.Client) {
	client.Messages.New(ctx, anthropic.MessageNewParams{
		Model:     anthropic.ModelClaudeSonnet4_20250514,
		MaxTokens: 10,
		Messages: []anthropic.MessageParam{
			anthropic.NewUserMessage(anthropic.NewTextBlock("hi")),
			anthropic.NewAssistantMessage(anthropic.NewTextBlock("{")),
		},
	})
}

func limit(model string) int {
	if strings.HasPrefix(model, "claude-3-5") {
		return 8192
	}
	switch model {
	case "claude-opus-4-20250514", "claude-opus-4-1-20250805":
		return 32000
	}
	return 64000
}
