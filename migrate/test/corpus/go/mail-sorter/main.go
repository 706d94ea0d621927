// Command mail-sorter asks Claude for the folder of a mail.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
)

// defaultModel is used unless CLAUDE_MODEL is set. It was claude-3-sonnet-20240229 before.
const defaultModel = "claude-3-7-sonnet-20250219"

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type request struct {
	Model       string    `json:"model"`
	MaxTokens   int       `json:"max_tokens"`
	Temperature *float64  `json:"temperature,omitempty"`
	Messages    []message `json:"messages"`
}

func getenv(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func send(body any) ([]byte, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	url := getenv("ANTHROPIC_BASE_URL", "https://api.anthropic.com") + "/v1/messages"
	call, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(encoded))
	if err != nil {
		return nil, err
	}
	call.Header.Set("content-type", "application/json")
	call.Header.Set("x-api-key", getenv("ANTHROPIC_API_KEY", "sk-ant-test"))
	call.Header.Set("anthropic-version", "2023-06-01")
	answer, err := http.DefaultClient.Do(call)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", answer.StatusCode, text)
	}
	return text, err
}

func folderOf(mail string) ([]byte, error) {
	return send(request{
		Model:     getenv("CLAUDE_MODEL", defaultModel),
		MaxTokens: 8192,
		Messages:  []message{{Role: "user", Content: "Folder of this mail: " + mail}},
	})
}

func urgency(mail string) ([]byte, error) {
	return send(map[string]any{
		"model":       "claude-3-5-haiku-latest",
		"max_tokens":  8192,
		"temperature": 0.0,
		"messages":    []message{{Role: "user", Content: "How urgent is this? " + mail}},
	})
}

func main() {
	mail := "The heating on the second floor is cold."
	for _, ask := range []func(string) ([]byte, error){folderOf, urgency} {
		answer, err := ask(mail)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(answer) > 0)
	}
}
