/**
 * Saved prompts of the playground. A version never changes: a change is a new version. `content` is the JSON that the
 * console wrote. Names are unique among the live prompts of a workspace.
 */
export const promptTables = `
CREATE TABLE IF NOT EXISTS prompts (
  id TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  name TEXT NOT NULL,
  latest_version BIGINT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  archived_at_ms BIGINT
);

CREATE UNIQUE INDEX IF NOT EXISTS prompts_by_name ON prompts (workspace_id, name) WHERE archived_at_ms IS NULL;

CREATE TABLE IF NOT EXISTS prompt_versions (
  prompt_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  note TEXT NOT NULL,
  content TEXT NOT NULL,
  actor TEXT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  PRIMARY KEY (prompt_id, version)
);
`
