import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { resetWeights } from '../../api/routing.ts'
import type { Routing, Weights } from '../../api/routing.ts'
import { useMay } from '../../api/session.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { formatPercent } from '../../parts/format.ts'
import { showToast } from '../../parts/toast.tsx'
import { routingTexts, weightTexts as texts } from '../../texts/routing.ts'
import { EditWeights } from './edit-weights.tsx'
import { computeShares } from './shares.ts'
import { SourceCell } from './source-cell.tsx'

/** The groups of upstreams with their weights, and the models with an order of their own. */
export function UpstreamOrder({ routing }: { readonly routing: Routing }) {
  const { groups, models, weights } = routing
  const mayChange = useMay()
  const [open, setOpen] = useState<'edit' | 'reset' | null>(null)
  const titles = routingTexts.columns
  return (
    <section className="card">
      <div className="card-head">
        <h2>{routingTexts.order}</h2>
        {mayChange && (
          <span className="row">
            {weights.source === 'api' && (
              <button type="button" className="button small danger" onClick={() => setOpen('reset')}>
                {texts.reset}
              </button>
            )}
            <button type="button" className="button small" onClick={() => setOpen('edit')}>
              {texts.edit}
            </button>
          </span>
        )}
      </div>
      <DataTable
        caption={routingTexts.orderCaption}
        rows={groups.map((names, index) => ({ number: index + 1, names }))}
        getId={({ number }) => String(number)}
        columns={[
          { title: titles.group, isHeading: true, cell: ({ number }) => number },
          { title: titles.upstreams, cell: ({ names }) => names.join(', ') },
          {
            title: titles.weights,
            cell: ({ names }) => names.map((name) => weights.values[name] ?? 1).join(' : '),
          },
          { title: titles.shares, cell: ({ names }) => printShares(names, weights.values) },
        ]}
      />
      {weights.source === 'api' && (
        <SourceCell
          source={weights.source}
          changedAt={weights.changed_at}
          configured={printWeights(weights.config)}
        />
      )}
      {Object.keys(models).length > 0 && (
        <>
          <h3>{routingTexts.models}</h3>
          <DataTable
            caption={routingTexts.models}
            rows={Object.entries(models)}
            getId={([model]) => model}
            columns={[
              { title: routingTexts.model, isHeading: true, cell: ([model]) => model },
              {
                title: titles.upstreams,
                cell: ([, order]) => order.map((names) => names.join(', ')).join(' → '),
              },
            ]}
          />
        </>
      )}
      <p className="small muted">{routingTexts.changeHint}</p>
      {open === 'edit' && <EditWeights routing={routing} onClose={() => setOpen(null)} />}
      {open === 'reset' && <ResetWeights configured={weights.config} onClose={() => setOpen(null)} />}
    </section>
  )
}

function ResetWeights({
  configured,
  onClose,
}: {
  readonly configured: Weights
  readonly onClose: () => void
}) {
  const queries = useQueryClient()
  return (
    <FormDialog
      isOpen
      title={texts.reset}
      action={texts.reset}
      onClose={onClose}
      onSubmit={async () => {
        await resetWeights()
        await queries.invalidateQueries({ queryKey: ['routing'] })
        showToast(texts.wasReset)
      }}
    >
      <p>{texts.resetText(printWeights(configured))}</p>
    </FormDialog>
  )
}

function printShares(group: readonly string[], weights: Weights): string {
  const shares = computeShares(group, weights)
  if (shares === null) return texts.idle(group.join(', '))
  return group.map((name) => formatPercent(shares[name] ?? 0)).join(' : ')
}

function printWeights(weights: Weights): string {
  return Object.entries(weights)
    .map(([name, weight]) => `${name} ${weight}`)
    .join(', ')
}
