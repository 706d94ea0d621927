/**
 * What a workspace pays for its usage: the cost and a share of it on top (positive) or off (negative), in parts per
 * million, from a month on.
 */
export const invoiceTables = `
CREATE TABLE IF NOT EXISTS invoice_terms (
  workspace_id TEXT NOT NULL,
  from_month TEXT NOT NULL,
  adjustment_ppm BIGINT NOT NULL,
  changed_at_ms BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, from_month)
);
`
