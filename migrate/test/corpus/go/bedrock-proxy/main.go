package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
)

var models = map[string]string{
	"small": "us.anthropic.claude-3-haiku-20240307-v1:0",
	"large": "us.anthropic.claude-opus-4-1-20250805-v1:0",
}

type inference struct {
	MaxTokens int `json:"maxTokens"`
}

func converse(size, question string) error {
	body, _ := json.Marshal(map[string]any{
		"messages":        []any{map[string]any{"role": "user", "content": []any{map[string]string{"text": question}}}},
		"inferenceConfig": inference{MaxTokens: limitOf(models[size])},
	})
	endpoint := os.Getenv("ANTHROPIC_BASE_URL")
	target := endpoint + "/model/" + url.PathEscape(models[size]) + "/converse"
	call, err := http.NewRequest(http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return err
	}
	call.Header.Set("content-type", "application/json")
	call.Header.Set("authorization", "Bearer test")
	answer, err := http.DefaultClient.Do(call)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", target, answer.Status)
	}
	return nil
}

// limitOf returns the largest answer, by the name of the model.
func limitOf(model string) int {
	switch {
	case strings.Contains(model, "claude-3-haiku"):
		return 4096
	case strings.HasPrefix(model, "us.anthropic.claude-opus-4-1"):
		return 32000
	default:
		return 8192
	}
}

func main() {
	for _, size := range []string{"small", "large"} {
		if err := converse(size, "How high is the dam?"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
