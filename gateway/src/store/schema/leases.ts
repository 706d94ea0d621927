/** Rate limits that several servers share: a bucket's value as JSON, and the processes that hold leases. */
export const leaseTables = `
CREATE TABLE IF NOT EXISTS rate_buckets (
  name TEXT PRIMARY KEY,
  bucket TEXT NOT NULL,
  changed_at_ms BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS lease_holders (
  holder TEXT PRIMARY KEY,
  seen_at_ms BIGINT NOT NULL
);
`
