//! The models that the command line knows.

/// Used when `--model` is missing.
pub const DEFAULT: &str = "claude-3-7-sonnet-latest";
pub const CLAUDE_OPUS_4: &str = "claude-opus-4-20250514";

pub struct Price {
    pub model: &'static str,
    pub input: f64,
    pub output: f64,
}

pub const PRICES: &[Price] = &[
    Price { model: "claude-sonnet-4-20250514", input: 3.0, output: 15.0 },
];

pub fn max_tokens(model: &str) -> u32 {
    match model {
        "claude-3-haiku-20240307" | "claude-3-opus-20240229" => 4_096,
        m if m.starts_with("claude-3-5-") => 8_192,
        m if m.contains("opus-4") => 32_000,
        _ => 64_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_models_answer_briefly() {
        assert_eq!(max_tokens("claude-3-opus-20240229"), 4_096);
    }
}
