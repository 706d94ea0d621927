ALTER TABLE assistants ALTER COLUMN model SET DEFAULT 'claude-3-5-sonnet-20241022';
