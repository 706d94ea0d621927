import { stretchMs } from '../../ledger/session-times.ts'

/**
 * The stretches of ten minutes in which a session has calls, by their start: a session is found however old it is. They
 * are written in the transaction of the calls. An index of all calls by session would cost each call a page of the
 * database, because the ids of sessions are in no order; of these rows a session has one for all its calls in ten minutes.
 */
export const sessionTables = `
CREATE TABLE IF NOT EXISTS session_times (
  session_id TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (session_id, at_ms)
);

CREATE INDEX IF NOT EXISTS session_times_by_time ON session_times (at_ms);
`

/** The rows of stored calls, for a store of an older version. */
export const readSessionTimes = `SELECT DISTINCT session_id, started_at_ms / ${stretchMs} * ${stretchMs} AS at_ms
  FROM calls WHERE session_id IS NOT NULL`

/** Values: the time before which calls are removed, and the largest number of rows. */
export const pruneSessionTimes = `DELETE FROM session_times WHERE (session_id, at_ms) IN (
  SELECT session_id, at_ms FROM session_times WHERE at_ms < ? ORDER BY at_ms LIMIT ?)`
