-- Rows that a new installation starts with.
INSERT INTO assistants (name, model, max_tokens)
VALUES
  ('writer', 'claude-3-opus-20240229', 4096),
  ('reader', 'claude-3-7-sonnet-latest', 8192);

UPDATE settings SET value = 'us.anthropic.claude-opus-4-20250514-v1:0' WHERE name = 'model';

-- was 'claude-2.1' until 2024
