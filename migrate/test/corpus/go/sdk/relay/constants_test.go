package relay

import "testing"

func TestOwner(t *testing.T) {
	for name, want := range map[string]string{"claude-3-opus-20240229": "anthropic", "gpt-4": "unknown"} {
		if got := Owner(name); got != want {
			t.Errorf("Owner(%q) = %q", name, got)
		}
	}
}
