package adaptor

// Price is USD per million tokens.
type Price struct{ In, Out float64 }

// Prices of the models that the relay bills.
var Prices = map[string]Price{
	"gpt-4o":                     {2.5, 10},
	"claude-3-7-sonnet-20250219": {3, 15},
}

// MaxTokens of one answer.
var MaxTokens = map[string]int{
	"claude-sonnet-4-20250514": 64000,
}

// Aliases are the short names of our users.
var Aliases = map[string]string{
	"default":           "claude-sonnet-4-20250514",
	"claude-3-5-sonnet": "claude-3-5-sonnet-20241022",
}
