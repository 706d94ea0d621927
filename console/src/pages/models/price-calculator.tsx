import { computePrice, formatNanoUsd, formatUsdPerMTok } from '@anthology/catalog'
import type { Model, Platform, Price, Usage } from '@anthology/catalog'

import { usePageSearch } from '../../app/search-state.ts'
import type { PageSearch } from '../../app/router.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Name } from '../../parts/name.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { formatUsd } from '../../parts/format.ts'
import { modelsTexts } from '../../texts/models.ts'
import { platforms } from './model-facts.ts'
import { listPriceSources } from './source-lists.ts'
import { createSourcesColumn } from './sources-column.tsx'

type CountName = keyof typeof modelsTexts.calculator.counts

const countNames = Object.keys(modelsTexts.calculator.counts) as readonly CountName[] // A literal's own names.

const defaults: Readonly<Record<CountName, string>> = {
  input_tokens: '10000',
  cache_write_5m: '0',
  cache_write_1h: '0',
  cache_read: '0',
  output_tokens: '1000',
  calls: '1',
}

interface CalculatorProps {
  readonly models: readonly Model[]
  readonly day: string
}

/** What a call with given tokens costs on each model, exact, with the rate card of the day. */
export function PriceCalculator({ models, day }: CalculatorProps) {
  const [search, change] = usePageSearch()
  const texts = modelsTexts.calculator
  const platform = platforms.find((name) => name === search['platform']) ?? 'anthropic'
  const region = search['region'] === 'regional' ? 'regional' : 'global'
  const options = { asOf: day, platform, region, batch: search['batch'] === 'yes' } as const
  const rows = models.map((model) => ({ model, price: computePrice(readUsage(search), model, options) }))
  return (
    <>
      <p className="muted">{texts.lead}</p>
      <div className="filters">
        {countNames.map((name) => (
          <TextField
            key={name}
            label={texts.counts[name]}
            type="number"
            value={search[name] ?? defaults[name]}
            onChange={(value) => change({ [name]: value === defaults[name] ? undefined : value })}
          />
        ))}
        <Choice<Platform>
          label={texts.platform}
          value={platform}
          onChange={(value) => change({ platform: value === 'anthropic' ? undefined : value })}
          options={platforms.map((name) => [name, modelsTexts.platforms[name]])}
        />
        <Choice
          label={texts.region}
          value={region}
          onChange={(value) => change({ region: value === 'global' ? undefined : value })}
          options={[
            ['global', texts.global],
            ['regional', texts.regional],
          ]}
        />
      </div>
      <label className="check">
        <input
          type="checkbox"
          checked={options.batch}
          onChange={({ target }) => change({ batch: target.checked ? 'yes' : undefined })}
        />
        <span>{texts.batch}</span>
      </label>
      <PricedModels rows={rows} calls={readCount(search, 'calls')} day={day} />
    </>
  )
}

interface PricedModel {
  readonly model: Model
  readonly price: Price
}

interface PricedModelsProps {
  readonly rows: readonly PricedModel[]
  readonly calls: bigint
  readonly day: string
}

function PricedModels({ rows, calls, day }: PricedModelsProps) {
  const texts = modelsTexts.calculator
  const cheapest = findCheapest(rows)
  return (
    <DataTable
      caption={modelsTexts.tabs.calculator}
      rows={rows}
      getId={({ model }) => model.id}
      columns={[
        {
          title: modelsTexts.model,
          cell: ({ model }) => (
            <Name
              text={model.id === cheapest ? `${model.displayName} (${texts.cheapest})` : model.displayName}
            />
          ),
          isHeading: true,
        },
        { title: texts.perCall, cell: ({ price }) => printTotal(price, 1n), isNumber: true },
        { title: texts.total, cell: ({ price }) => printTotal(price, calls), isNumber: true },
        { title: texts.unitPrice, cell: ({ price }) => <Lines price={price} /> },
        { title: texts.card, cell: ({ price }) => (price.ok ? price.rateCard : price.detail) },
        createSourcesColumn<PricedModel>({
          day,
          of: ({ model }) => modelsTexts.sources.prices(model.displayName),
          read: ({ model }) => listPriceSources(model, day),
        }),
      ]}
    />
  )
}

function readUsage(search: PageSearch): Usage {
  const [short, long] = [readCount(search, 'cache_write_5m'), readCount(search, 'cache_write_1h')]
  return {
    input_tokens: Number(readCount(search, 'input_tokens')),
    output_tokens: Number(readCount(search, 'output_tokens')),
    cache_read_input_tokens: Number(readCount(search, 'cache_read')),
    cache_creation_input_tokens: Number(short + long),
    cache_creation: { ephemeral_5m_input_tokens: Number(short), ephemeral_1h_input_tokens: Number(long) },
  }
}

/** At most a trillion, which a number holds exactly; what is no count is zero. */
function readCount(search: PageSearch, name: CountName): bigint {
  const text = search[name] ?? defaults[name]
  return /^\d{1,12}$/.test(text) ? BigInt(text) : 0n
}

function printTotal(price: Price, calls: bigint): string {
  return price.ok ? formatUsd(formatNanoUsd(price.totalNanoUsd * calls)) : modelsTexts.unknown
}

function Lines({ price }: { readonly price: Price }) {
  if (!price.ok) return modelsTexts.unknown
  return (
    <ul className="small">
      {price.lines.map(({ component, picoUsdPerUnit, costNanoUsd }) => (
        <li key={component} className="muted">
          {component}: ${formatUsdPerMTok(picoUsdPerUnit)} → {formatUsd(formatNanoUsd(costNanoUsd))}
        </li>
      ))}
    </ul>
  )
}

function findCheapest(rows: readonly PricedModel[]): string | undefined {
  const priced = rows.flatMap(({ model, price }) =>
    price.ok ? [{ id: model.id, cost: price.totalNanoUsd }] : [],
  )
  if (priced.length < 2) return undefined
  return priced.reduce((one, other) => (other.cost < one.cost ? other : one)).id
}
