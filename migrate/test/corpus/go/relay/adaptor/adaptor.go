package adaptor

import (
	"net/http"
	"os"
	"strings"
)

// Model reads the model of a request, or the default of the machine.
func Model(r *http.Request) string {
	if name := r.URL.Query().Get("model"); name != "" {
		return name
	}
	if name, ok := os.LookupEnv("RELAY_MODEL"); ok {
		return name
	}
	return "claude-3-5-sonnet-latest"
}

// SetHeaders adds what the API expects.
func SetHeaders(h http.Header, model string) {
	h.Set("anthropic-version", "2023-06-01")
	if strings.HasPrefix(model, "claude-3-7") {
		h.Set("anthropic-beta", "token-efficient-tools-2025-02-19")
	}
}
