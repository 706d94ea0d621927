/**
 * The sessions of the console and its one-time sign-in links. Both are stored under the SHA-256 of their secret. A used
 * link stays until it expires, so that it cannot be used again.
 */
export const consoleTables = `
CREATE TABLE IF NOT EXISTS console_sessions (
  hash TEXT PRIMARY KEY,
  csrf_token TEXT NOT NULL,
  role TEXT NOT NULL,
  member_id TEXT,
  workspaces TEXT,
  display_name TEXT NOT NULL,
  signed_in_by TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  seen_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS console_links (
  hash TEXT PRIMARY KEY,
  created_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT NOT NULL,
  used_at_ms BIGINT
);

CREATE TABLE IF NOT EXISTS console_oidc_logins (
  hash TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  nonce TEXT NOT NULL,
  code_verifier TEXT NOT NULL,
  expires_at_ms BIGINT NOT NULL
);
`
