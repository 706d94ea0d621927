/**
 * Workspaces and members, the log of changes, and the answers to requests with an idempotency key. Archived rows stay,
 * because calls and the log refer to them; names are unique among live rows.
 */
export const adminTables = `
CREATE TABLE IF NOT EXISTS workspaces (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  archived_at_ms BIGINT
);

CREATE UNIQUE INDEX IF NOT EXISTS workspaces_by_name ON workspaces (name) WHERE archived_at_ms IS NULL;

CREATE TABLE IF NOT EXISTS members (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT,
  role TEXT NOT NULL,
  workspaces TEXT,
  created_at_ms BIGINT NOT NULL,
  archived_at_ms BIGINT
);

CREATE UNIQUE INDEX IF NOT EXISTS members_by_name ON members (name) WHERE archived_at_ms IS NULL;

CREATE UNIQUE INDEX IF NOT EXISTS members_by_email ON members (email) WHERE archived_at_ms IS NULL;

CREATE TABLE IF NOT EXISTS audit (
  id TEXT PRIMARY KEY,
  at_ms BIGINT NOT NULL,
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  action TEXT NOT NULL,
  target_kind TEXT NOT NULL,
  target_id TEXT NOT NULL,
  workspace_id TEXT,
  value_before TEXT,
  value_after TEXT,
  request_id TEXT
);

CREATE INDEX IF NOT EXISTS audit_by_time ON audit (at_ms, id);

CREATE INDEX IF NOT EXISTS audit_by_target ON audit (target_id, at_ms);

CREATE TABLE IF NOT EXISTS idempotency_keys (
  hash TEXT PRIMARY KEY,
  request_hash TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  answer TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS idempotency_keys_by_time ON idempotency_keys (created_at_ms);
`
