pub const CLAUDE_3_7_SONNET: &str = "claude-3-7-sonnet-20250219";
pub const DEFAULT_MODEL: &str = "claude-sonnet-5-5";
pub const ALL: [&str; 3] = ["claude-3-7-sonnet-20250219", "claude-sonnet-5-5", "claude-sonnet-4-20250514"];

pub fn max_tokens(model: &str) -> u32 {
    match model {
        "claude-3-opus-20240229" => 4096,
        m if m.starts_with("claude-3-5") => 8192,
        _ => 64_000,
    }
}

pub fn body(prompt: &str) -> serde_json::Value {
    json!({
        "model": "claude-sonnet-5-5",
        "max_tokens": 1024,
        "messages": [{"role": "user", "content": prompt}]
    })
}
