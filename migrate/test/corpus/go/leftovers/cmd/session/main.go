package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// Sessions are kept as claude-<id>.json; see https://docs.anthropic.com/en/docs/claude-code.
func sessionFile(id int) string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("claude-%d.json", id))
}

func main() {
	fmt.Println(sessionFile(os.Getpid()))
	fmt.Println("needs claude-api and claude-mem")
}
