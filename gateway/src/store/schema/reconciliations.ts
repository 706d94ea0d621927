/**
 * Runs of `anthology reconcile` and their files. A file is known by its hash; `last_day` is the watermark up to which its
 * days were compared, `provider_watermark` the time until which the provider calls its figures current.
 */
export const reconciliationTables = `
CREATE TABLE IF NOT EXISTS reconciliations (
  id TEXT PRIMARY KEY,
  ran_at_ms BIGINT NOT NULL,
  upstreams TEXT NOT NULL,
  first_day TEXT,
  last_day TEXT,
  open_days TEXT NOT NULL,
  compared BIGINT NOT NULL,
  provider_nano_usd BIGINT NOT NULL,
  no_usage_nano_usd BIGINT NOT NULL,
  ledger_nano_usd BIGINT NOT NULL,
  differences BIGINT NOT NULL,
  unexplained BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS reconciliations_by_time ON reconciliations (ran_at_ms, id);

CREATE TABLE IF NOT EXISTS reconciled_files (
  reconciliation_id TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  name TEXT NOT NULL,
  format TEXT NOT NULL,
  provider_watermark TEXT,
  PRIMARY KEY (reconciliation_id, sha256)
);

CREATE INDEX IF NOT EXISTS reconciled_files_by_hash ON reconciled_files (sha256);
`
