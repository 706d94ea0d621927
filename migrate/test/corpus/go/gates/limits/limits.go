package limits

import (
	"regexp"
	"strings"
)

var dated = regexp.MustCompile(`^claude-.+-\d{8}$`)

// Thinks tells whether a model has extended thinking.
func Thinks(model string) bool {
	return strings.Contains(model, "3-7-sonnet") || strings.HasPrefix(model, "claude-sonnet-4") || strings.HasPrefix(model, "claude-opus-4")
}

// MaxOutput is the largest answer of a model.
func MaxOutput(model string) int {
	switch model {
	case "claude-3-haiku-20240307", "claude-3-opus-20240229":
		return 4096
	case "claude-3-5-haiku-20241022":
		return 8192
	}
	if strings.HasPrefix(model, "claude-") {
		return 64000
	}
	return 4096
}

// Vendor returns the part of an id before the slash, or a guess.
func Vendor(id string) string {
	if vendor, _, ok := strings.Cut(id, "/"); ok {
		return vendor
	}
	if strings.Contains(id, "claude") {
		return "anthropic"
	}
	return ""
}
