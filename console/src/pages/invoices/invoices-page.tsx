import { useQuery } from '@tanstack/react-query'

import { getInvoiceCsvUrl, invoiceQuery } from '../../api/invoices.ts'
import type { Invoice, InvoiceChoice } from '../../api/invoices.ts'
import { workspacesQuery } from '../../api/organization.ts'
import { getHomeWorkspace, useSeesDefaultWorkspace } from '../../api/session.ts'
import { usePageSearch } from '../../app/search-state.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Facts } from '../../parts/facts.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { formatCount, formatUsd } from '../../parts/format.ts'
import { Name } from '../../parts/name.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { RetentionNote } from '../../parts/retention-note.tsx'
import { callTexts } from '../../texts/calls.ts'
import { invoiceTexts as texts } from '../../texts/invoices.ts'
import { shellTexts } from '../../texts/shell.ts'
import { findSpan } from '../usage/calls-of.ts'
import { InvoiceTermsCard } from './invoice-terms.tsx'

export function InvoicesPage() {
  const [search, change] = usePageSearch()
  const workspaces = useQuery(workspacesQuery).data?.data ?? []
  const choice: InvoiceChoice = {
    workspace: search['workspace'] ?? getHomeWorkspace(),
    month: search['month'] ?? new Date().toISOString().slice(0, 7),
    timezone: search['zone'] ?? 'UTC',
  }
  const name = workspaces.find(({ id }) => id === choice.workspace)?.name ?? choice.workspace
  const names = workspaces.map((one) => [one.id, one.name] as const)
  const ids = new Map(useSeesDefaultWorkspace() ? [['default', 'default'], ...names] : names)
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone
  const zones = [...new Set(['UTC', local, choice.timezone])].map((zone) => [zone, zone] as const)
  const query = useQuery(invoiceQuery(choice))
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/invoices']} lead={texts.lead}>
        <a
          className="button"
          href={getInvoiceCsvUrl(choice)}
          download={`invoice-${name}-${choice.month}.csv`}
        >
          {texts.csv}
        </a>
      </PageHead>
      <div className="choices">
        <Choice
          label={texts.workspace}
          value={choice.workspace}
          onChange={(workspace) => change({ workspace })}
          options={[...ids]}
        />
        <TextField
          label={texts.month}
          type="month"
          value={choice.month}
          onChange={(month) => change({ month })}
        />
        <Choice
          label={texts.zone}
          value={choice.timezone}
          onChange={(zone) => change({ zone })}
          options={zones}
        />
      </div>
      <RetentionNote of="rollups" since={findSpan(choice.month, choice.timezone)?.startMs} />
      <QueryState query={query}>{(invoice) => <InvoiceView invoice={invoice} workspace={name} />}</QueryState>
      {!query.isPending && <InvoiceTermsCard workspace={choice.workspace} name={name} month={choice.month} />}
    </div>
  )
}

interface InvoiceViewProps {
  readonly invoice: Invoice
  readonly workspace: string
}

function InvoiceView({ invoice, workspace }: InvoiceViewProps) {
  const { lines, month, adjustment_percent: percent, unpriced_calls: unpriced } = invoice
  const hasAdjustment = Number(percent) !== 0
  return (
    <>
      {unpriced > 0 && <p className="notice warn">{texts.unpriced(formatCount(unpriced))}</p>}
      {lines.length === 0 ? (
        <Empty title={texts.empty} />
      ) : (
        <DataTable
          caption={texts.caption(workspace, month)}
          rows={lines}
          getId={({ model, component }) => `${model} ${component}`}
          columns={[
            {
              title: texts.columns.model,
              isHeading: true,
              cell: ({ model }) => <Name text={model} />,
              foot: texts.subtotal,
            },
            { title: texts.columns.component, cell: ({ component }) => callTexts.components[component] },
            {
              title: texts.columns.quantity,
              isNumber: true,
              cell: ({ quantity }) => formatCount(quantity),
            },
            {
              title: texts.columns.cost,
              isNumber: true,
              cell: ({ cost_usd: cost }) => formatUsd(cost),
              foot: formatUsd(invoice.subtotal_usd),
            },
          ]}
        />
      )}
      <section className="card">
        <Facts
          facts={[
            ...(hasAdjustment
              ? ([[texts.adjustment(percent), formatUsd(invoice.adjustment_usd)]] as const)
              : []),
            [texts.total, formatUsd(invoice.total_usd)],
            [texts.due, formatUsd(invoice.due_usd)],
          ]}
        />
      </section>
    </>
  )
}
