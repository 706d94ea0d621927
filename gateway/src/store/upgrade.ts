/** How far the rows of an older store are rewritten. */
export interface UpgradeProgress {
  readonly table: string
  readonly rows: number
  readonly totalRows: number
}

export type OnUpgrade = (progress: UpgradeProgress) => void

/** Returns a function that counts rewritten rows of a table. Tells of them at once, and then once a second. */
export function createRowCounter(
  onUpgrade: OnUpgrade,
  { table, totalRows }: Omit<UpgradeProgress, 'rows'>,
): (rows: number) => void {
  let counted = 0
  if (totalRows > 0) onUpgrade({ table, rows: 0, totalRows })
  let toldAtMs = performance.now()
  return (rows) => {
    counted += rows
    if (performance.now() - toldAtMs < tellMs) return
    toldAtMs = performance.now()
    onUpgrade({ table, rows: counted, totalRows })
  }
}

const tellMs = 1_000

/** For an operator, such as `the ledger is being upgraded: 250,000 of 1,000,000 rows of calls`. */
export function describeUpgrade({ table, rows, totalRows }: UpgradeProgress): string {
  const [done, total] = [rows, totalRows].map((count) => count.toLocaleString('en-US'))
  return `the ledger is being upgraded: ${done} of ${total} rows of ${table}`
}
