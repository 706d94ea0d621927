/**
 * Members of `routing` that were changed at run time: `kind` is `alias`, with the alias as the name, or `weights`, with
 * an empty name. `value` is JSON in the form of the configuration. A row precedes the configuration until it is removed.
 */
export const routingTables = `
CREATE TABLE IF NOT EXISTS routing_changes (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  changed_at_ms BIGINT NOT NULL,
  PRIMARY KEY (kind, name)
);
`
