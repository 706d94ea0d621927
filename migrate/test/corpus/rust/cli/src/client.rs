use serde_json::{json, Value};

use crate::models;

pub fn body(model: Option<&str>, prompt: &str) -> Value {
    json!({
        "model": model.unwrap_or(models::DEFAULT),
        "max_tokens": 8192,
        "messages": [{"role": "user", "content": prompt}]
    })
}

pub fn thinking_body(prompt: &str) -> Value {
    json!({
        "model": "claude-sonnet-4-5-20250929",
        "max_tokens": 16000,
        "thinking": {"type": "enabled", "budget_tokens": 8000},
        "top_k": 10,
        "messages": [{"role": "user", "content": prompt}]
    })
}

/// Path of a transcript, e.g. `claude-42.json`.
pub fn transcript(id: u64) -> String {
    format!("claude-{id}.json")
}
