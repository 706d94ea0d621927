import { countInput } from '../../api/calls.ts'
import type { Call } from '../../api/calls.ts'
import { getRowId } from '../../api/call-tail.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { formatCount, formatDuration, formatRecentTime, formatUsd } from '../../parts/format.ts'
import { Clipped } from '../../parts/name.tsx'
import { callTexts } from '../../texts/calls.ts'
import { OutcomeBadge } from './outcome-badge.tsx'

interface CallTableProps {
  readonly calls: readonly Call[]
  readonly openId?: string | undefined
  readonly onOpen: (call: Call) => void
}

/** One row for each call, and one for each attempt that was billed although its call moved on. */
export function CallTable({ calls, openId, onOpen }: CallTableProps) {
  const { columns: titles } = callTexts
  const columns: readonly Column<Call>[] = [
    {
      title: titles.time,
      isHeading: true,
      cell: (call) => (
        <button type="button" className="row-link nowrap" onClick={() => onOpen(call)}>
          {formatRecentTime(call.started_at)}
        </button>
      ),
    },
    { title: titles.model, cell: (call) => <ModelCell call={call} /> },
    { title: titles.key, cell: (call) => <KeyCell call={call} /> },
    {
      title: titles.outcome,
      cell: (call) => (
        <OutcomeBadge
          outcome={call.outcome}
          detail={call.outcome === 'answered' ? null : (call.status ?? call.error_type)}
        />
      ),
    },
    { title: titles.cost, isNumber: true, cell: (call) => formatUsd(call.cost_usd) },
    { title: titles.route, cell: ({ upstream }) => <Clipped text={upstream} /> },
    { title: titles.input, isNumber: true, cell: (call) => formatCount(countInput(call)) },
    {
      title: titles.cached,
      isNumber: true,
      cell: ({ quantities }) => formatCount(quantities.cache_read === 0 ? null : quantities.cache_read),
    },
    { title: titles.output, isNumber: true, cell: ({ quantities }) => formatCount(quantities.output) },
    { title: titles.firstToken, isNumber: true, cell: (call) => formatDuration(call.first_token_ms) },
    { title: titles.total, isNumber: true, cell: (call) => formatDuration(call.total_ms) },
  ]
  return (
    <DataTable
      caption={callTexts.caption}
      columns={columns}
      rows={calls}
      getId={getRowId}
      openId={openId}
      onOpen={onOpen}
    />
  )
}

function ModelCell({ call }: { readonly call: Call }) {
  return (
    <span className="nowrap">
      {call.model}
      {call.attempt !== null && <span className="muted small"> · {callTexts.attemptRow(call.attempt)}</span>}
    </span>
  )
}

function KeyCell({ call }: { readonly call: Call }) {
  return <Clipped text={call.key ?? call.key_id} />
}
