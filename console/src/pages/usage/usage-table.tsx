import { Link } from '@tanstack/react-router'

import type { Usage, UsageRow } from '../../api/usage.ts'
import { printCsv, saveFile } from '../../parts/csv.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { formatCount, formatShare, formatUsd, readNanoUsd } from '../../parts/format.ts'
import { Name } from '../../parts/name.tsx'
import { usageTexts as texts } from '../../texts/usage.ts'
import { describeEntry } from './pivot.ts'
import { findCallsOfValue } from './calls-of.ts'
import { nameGroup } from './usage-state.ts'
import type { UsageState } from './usage-state.ts'

/** The sums of one value of the grouping, or of all values beyond the first ones. */
interface GroupSum {
  readonly rowId: string
  /** Null: calls without a value, or with several. */
  readonly id: string | null
  readonly name: string
  readonly calls: number
  readonly input: number
  readonly cacheWrite: number
  readonly cacheRead: number
  readonly output: number
  readonly costUsd: string
}

function readGroupSum(row: UsageRow): GroupSum {
  const { quantities } = row
  const { id: rowId, name } = describeEntry(row, 0)
  return {
    rowId,
    id: row.group[0] ?? null,
    name,
    calls: row.calls,
    input: quantities.input,
    cacheWrite: quantities.cache_write_5m + quantities.cache_write_1h,
    cacheRead: quantities.cache_read,
    output: quantities.output,
    costUsd: row.cost_usd,
  }
}

/** The sums of each group, with the whole in the last row. */
export function UsageTable({ usage, state }: { readonly usage: Usage; readonly state: UsageState }) {
  const rows = usage.data.map(readGroupSum)
  const title = texts.tableCaption(nameGroup(state.group))
  return (
    <section className="stack">
      <div className="card-head">
        <h2>{title}</h2>
        <button
          type="button"
          className="button small"
          aria-label={`${texts.csv}: ${title}`}
          onClick={() => saveGroups(rows)}
        >
          {texts.csv}
        </button>
      </div>
      <DataTable
        caption={title}
        columns={createColumns(usage, state)}
        rows={rows}
        getId={({ rowId }) => rowId}
      />
    </section>
  )
}

function createColumns({ total }: Usage, state: UsageState): readonly Column<GroupSum>[] {
  const { columns } = texts
  const { group } = state
  const all = readNanoUsd(total.cost_usd)
  const { quantities: sums } = total
  const count = (
    title: string,
    name: 'calls' | 'input' | 'cacheWrite' | 'cacheRead' | 'output',
    sum: number,
  ) => ({
    title,
    isNumber: true,
    cell: (row: GroupSum) => formatCount(row[name]),
    foot: formatCount(sum),
  })
  return [
    {
      title: nameGroup(group),
      isHeading: true,
      cell: ({ id, name }) =>
        id === null ? (
          <Name text={name} />
        ) : (
          <Link
            to="/calls"
            search={findCallsOfValue(state, group, id)}
            aria-label={texts.toCallsLabel(name)}
            className="row-link"
          >
            <Name text={name} />
          </Link>
        ),
      foot: columns.sum,
    },
    count(columns.calls, 'calls', total.calls),
    count(columns.input, 'input', sums.input),
    count(columns.cacheWrite, 'cacheWrite', sums.cache_write_5m + sums.cache_write_1h),
    count(columns.cacheRead, 'cacheRead', sums.cache_read),
    count(columns.output, 'output', sums.output),
    {
      title: columns.cost,
      isNumber: true,
      cell: ({ costUsd }) => formatUsd(costUsd),
      foot: formatUsd(total.cost_usd),
    },
    {
      title: columns.share,
      isNumber: true,
      cell: ({ costUsd }) =>
        formatShare(all === 0n ? 0 : Number((readNanoUsd(costUsd) * 1000n) / all) / 1000),
    },
  ]
}

function saveGroups(rows: readonly GroupSum[]): void {
  const names = ['id', 'name', 'calls', 'input', 'cacheWrite', 'cacheRead', 'output', 'costUsd'] as const
  saveFile('usage.csv', printCsv([[...names], ...rows.map((row) => names.map((name) => row[name]))]))
}
