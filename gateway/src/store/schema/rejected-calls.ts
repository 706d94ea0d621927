/** The number of calls that were rejected before any upstream was called, by day (UTC), key and error code. */
export const rejectedCallTables = `
CREATE TABLE IF NOT EXISTS rejected_calls (
  day TEXT NOT NULL,
  key_id TEXT NOT NULL,
  code TEXT NOT NULL,
  calls BIGINT NOT NULL,
  PRIMARY KEY (day, key_id, code)
);
`
