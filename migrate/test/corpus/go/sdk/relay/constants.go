package relay

// ModelConfig is an entry of the relay's registry. Prices are USD per 1,000 tokens.
type ModelConfig struct {
	Model       string
	InputPrice  float64
	OutputPrice float64
	MaxTokens   int
}

var ModelList = []ModelConfig{
	{Model: "claude-opus-4-1-20250805", InputPrice: 0.015, OutputPrice: 0.075, MaxTokens: 32000},
}

// Owner tells who made a model.
func Owner(model string) string {
	if len(model) > 6 && model[:6] == "claude" {
		return "anthropic"
	}
	return "unknown"
}
