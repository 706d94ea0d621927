package assistant

import (
	"context"

	"github.com/anthropics/anthropic-sdk-go"
)

// Assistant drafts and reviews texts.
type Assistant struct {
	client anthropic.Client
	model  anthropic.Model
}

func New(client anthropic.Client) *Assistant {
	return &Assistant{client: client, model: anthropic.ModelClaudeOpus4_20250514}
}

func (a *Assistant) Draft(ctx context.Context, topic string) (*anthropic.Message, error) {
	return a.client.Messages.New(ctx, anthropic.MessageNewParams{
		Model:     anthropic.ModelClaude3OpusLatest,
		MaxTokens: 8192,
		TopK:      anthropic.Int(50),
		Messages: []anthropic.MessageParam{
			anthropic.NewUserMessage(anthropic.NewTextBlock("Write about " + topic)),
		},
	})
}

func (a *Assistant) Review(ctx context.Context, text string) (*anthropic.Message, error) {
	params := anthropic.MessageNewParams{
		Model:     anthropic.ModelClaudeOpus4_1_20250805,
		MaxTokens: 16000,
		Thinking:  anthropic.ThinkingConfigParamOfEnabled(8000),
		Messages: []anthropic.MessageParam{
			anthropic.NewUserMessage(anthropic.NewTextBlock("Review this:\n" + text)),
		},
	}
	return a.client.Messages.New(ctx, params)
}

func (a *Assistant) Choose(ctx context.Context, text string) (*anthropic.Message, error) {
	return a.client.Messages.New(ctx, anthropic.MessageNewParams{
		Model:     anthropic.ModelClaudeSonnet4_0,
		MaxTokens: 8192,
		ToolChoice: anthropic.ToolChoiceUnionParam{OfAny: &anthropic.ToolChoiceAnyParam{}},
		Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(text))},
	})
}
