import { rollupDimensions, summedColumns } from '../../ledger/rollup.ts'

/**
 * Corrections of the prices of calls. The row of a call is never changed: a correction has the differences, and the
 * cost of a call is the sum of its row and its corrections. `rate_card` is the one that was applied.
 */
export const correctionTables = `
CREATE TABLE IF NOT EXISTS corrections (
  id TEXT PRIMARY KEY,
  call_id TEXT NOT NULL,
  started_at_ms BIGINT NOT NULL,
  corrected_at_ms BIGINT NOT NULL,
  rate_card TEXT,
  unpriced BIGINT NOT NULL,
  ${rollupDimensions.map((name) => `${name} TEXT NOT NULL`).join(',\n  ')},
  ${summedColumns.map((name) => `${name} BIGINT NOT NULL`).join(',\n  ')}
);

CREATE INDEX IF NOT EXISTS corrections_by_call ON corrections (call_id);
CREATE INDEX IF NOT EXISTS corrections_by_start ON corrections (started_at_ms, id);
`
