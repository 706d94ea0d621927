import type { CallDetail, PriceLine } from '../../api/calls.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { formatCount, formatUsd } from '../../parts/format.ts'
import { callTexts } from '../../texts/calls.ts'

const texts = callTexts.detail

/** The lines of the ledger for a call: tokens times price. */
export function CallPrice({ call }: { readonly call: CallDetail }) {
  if (call.unpriced_because !== null)
    return <p className="notice warn">{texts.unpriced(call.unpriced_because)}</p>
  if (call.lines.length === 0) return <p className="muted">{texts.noUsage}</p>
  const columns: readonly Column<PriceLine>[] = [
    {
      title: texts.component,
      isHeading: true,
      cell: ({ component }) => callTexts.components[component],
      foot: texts.sum,
    },
    { title: texts.quantity, isNumber: true, cell: ({ quantity }) => formatCount(quantity) },
    { title: texts.unit, isNumber: true, cell: ({ unit_pico_usd: unit }) => formatUnitPrice(unit) },
    {
      title: texts.cost,
      isNumber: true,
      cell: ({ cost_usd: cost }) => formatUsd(cost),
      foot: formatUsd(call.cost_usd),
    },
  ]
  return (
    <>
      <DataTable
        caption={texts.priceCaption}
        columns={columns}
        rows={call.lines}
        getId={({ component }) => component}
      />
      {call.rate_card !== null && <p className="small muted">{texts.rateCard(call.rate_card)}</p>}
    </>
  )
}

/** Pico-dollars of one unit are micro-dollars of a million. */
function formatUnitPrice(pico: number | null): string {
  if (pico === null) return formatUsd(null)
  const micro = BigInt(pico)
  return formatUsd(`${micro / 1_000_000n}.${(micro % 1_000_000n).toString().padStart(6, '0')}`)
}
