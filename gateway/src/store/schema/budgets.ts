/**
 * Budgets, the shares of their windows that several servers have, and the events of their thresholds on the way to webhooks. A deleted budget stays as a row, so that its
 * revision tells every process of the change.
 */
export const budgetTables = `
CREATE TABLE IF NOT EXISTS budgets (
  id TEXT PRIMARY KEY,
  revision BIGINT NOT NULL,
  source TEXT NOT NULL,
  scope TEXT NOT NULL,
  models TEXT,
  limit_nano_usd BIGINT NOT NULL,
  window_kind TEXT NOT NULL,
  timezone TEXT NOT NULL,
  rolling BIGINT NOT NULL,
  action TEXT NOT NULL,
  thresholds TEXT NOT NULL,
  raise_to_nano_usd BIGINT,
  raise_until_ms BIGINT,
  active_from_ms BIGINT NOT NULL,
  created_at_ms BIGINT NOT NULL,
  deleted_at_ms BIGINT
);

CREATE INDEX IF NOT EXISTS budgets_by_revision ON budgets (revision);

CREATE TABLE IF NOT EXISTS budget_windows (
  name TEXT PRIMARY KEY,
  changed_at_ms BIGINT NOT NULL,
  wanted_at_ms BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS budget_leases (
  name TEXT NOT NULL,
  holder TEXT NOT NULL,
  amount_nano_usd BIGINT NOT NULL,
  since_ms BIGINT NOT NULL DEFAULT 0,
  answered_wish BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (name, holder)
);

CREATE TABLE IF NOT EXISTS webhook_events (
  id TEXT PRIMARY KEY,
  occurred_at_ms BIGINT NOT NULL,
  body TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS webhook_deliveries (
  event_id TEXT NOT NULL,
  url TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  next_at_ms BIGINT NOT NULL,
  delivered_at_ms BIGINT,
  failed_at_ms BIGINT,
  last_error TEXT,
  PRIMARY KEY (event_id, url)
);

CREATE INDEX IF NOT EXISTS webhook_deliveries_due ON webhook_deliveries (next_at_ms);
`
