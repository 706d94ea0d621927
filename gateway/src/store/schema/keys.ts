/** Keys by their hash, and the AWS credentials that are derived for them. */
export const keyTables = `
CREATE TABLE IF NOT EXISTS keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  models TEXT,
  workspace_id TEXT NOT NULL DEFAULT 'default',
  member_id TEXT,
  created_at_ms BIGINT NOT NULL,
  revoked_at_ms BIGINT,
  hint TEXT,
  protocols TEXT,
  regions TEXT,
  ip_ranges TEXT,
  rates TEXT,
  expires_at_ms BIGINT,
  previous_hash TEXT,
  previous_until_ms BIGINT
);

CREATE TABLE IF NOT EXISTS aws_credentials (
  access_key_id TEXT PRIMARY KEY,
  key_id TEXT NOT NULL REFERENCES keys (id),
  version BIGINT NOT NULL,
  valid_until_ms BIGINT
);
`
