import type { Model, TokenPrices } from '@anthology/catalog'

import { DataTable } from '../../parts/data-table.tsx'
import { Name } from '../../parts/name.tsx'
import { modelsTexts } from '../../texts/models.ts'
import { findCard } from './model-facts.ts'
import { listPriceSources } from './source-lists.ts'
import { createSourcesColumn } from './sources-column.tsx'

const components = ['input', 'cache_write_5m', 'cache_write_1h', 'cache_read', 'output'] as const

/** The price table of the page: a model each line, USD per million tokens. */
export function PriceTable({ models, day }: { readonly models: readonly Model[]; readonly day: string }) {
  const { prices } = modelsTexts
  const cardOf = (model: Model) => findCard(model, day)
  return (
    <>
      <p className="muted">{prices.lead}</p>
      <DataTable
        caption={modelsTexts.tabs.prices}
        rows={models}
        getId={({ id }) => id}
        columns={[
          { title: modelsTexts.model, cell: (model) => <Name text={printName(model)} />, isHeading: true },
          ...components.map((component) => ({
            title: prices[component],
            cell: (model: Model) => printPrice(cardOf(model)?.standard[component]),
            isNumber: true,
          })),
          {
            title: prices.batchInput,
            cell: (model) => printPrice(cardOf(model)?.batch?.input),
            isNumber: true,
          },
          {
            title: prices.batchOutput,
            cell: (model) => printPrice(cardOf(model)?.batch?.output),
            isNumber: true,
          },
          {
            title: prices.validFrom,
            cell: (model) => cardOf(model)?.from ?? modelsTexts.unknown,
            isNumber: true,
          },
          createSourcesColumn<Model>({
            day,
            of: (model) => modelsTexts.sources.prices(printName(model)),
            read: (model) => listPriceSources(model, day),
          }),
        ]}
      />
    </>
  )
}

/** In the page's price table a row stands for all snapshots of a name. */
function printName({ name, displayName, page }: Model): string {
  return page === 'price_row' ? name : displayName
}

function printPrice(price: TokenPrices[keyof TokenPrices] | undefined): string {
  return price === undefined ? modelsTexts.unknown : `$${price}`
}
