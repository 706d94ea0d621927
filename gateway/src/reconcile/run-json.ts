import { formatNanoUsd } from '@anthology/catalog'

import type { ReconciliationRun } from './run-table.ts'

/** A run as the admin API and the CLI print it. */
export function printRun(run: ReconciliationRun): object {
  return {
    id: run.id,
    ran_at: new Date(run.ranAtMs).toISOString(),
    upstreams: run.upstreams,
    files: run.files,
    first_day: run.firstDay,
    last_day: run.lastDay,
    open_days: run.openDays,
    compared: run.compared,
    provider_usd: formatNanoUsd(run.providerNanoUsd),
    no_usage_usd: formatNanoUsd(run.noUsageNanoUsd),
    ledger_usd: formatNanoUsd(run.ledgerNanoUsd),
    differences: run.differences,
    unexplained: run.unexplained,
  }
}
