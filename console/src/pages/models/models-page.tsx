import './models.css'

import { models } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import { usePageSearch } from '../../app/search-state.ts'
import { Empty } from '../../parts/empty.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { modelsTexts } from '../../texts/models.ts'
import { AliasTable } from './alias-table.tsx'
import { CalendarTable } from './calendar-table.tsx'
import { ComparisonTable } from './comparison-table.tsx'
import { DayPicker, readDay } from './day-picker.tsx'
import { FactsTable } from './facts-table.tsx'
import { chooseDefaultModels, choosePricedModels } from './model-facts.ts'
import { ModelPicker } from './model-picker.tsx'
import { NameTable } from './name-table.tsx'
import { PriceCalculator } from './price-calculator.tsx'
import { PriceTable } from './price-table.tsx'

/** The models as data: everything follows from the catalog, the day and the selected models in the address. */
export function ModelsPage() {
  const [search, change] = usePageSearch()
  const day = readDay(search['on'])
  const chosen = readModels(search['m']) ?? chooseDefaultModels(day)
  const { tabs } = modelsTexts
  const table = (content: React.ReactNode) => (chosen.length === 0 ? <NoModels /> : content)
  return (
    <div className="page">
      <PageHead title={modelsTexts.title} lead={modelsTexts.lead} />
      <DayPicker day={day} onChange={(on) => change({ on })} />
      <ModelPicker
        day={day}
        chosen={chosen}
        isDefault={search['m'] === undefined}
        onChange={(ids) => change({ m: ids === null ? undefined : ids.join(',') || none })}
      />
      <Tabs
        label={modelsTexts.title}
        value={search['view'] ?? 'compare'}
        onChange={(view) => change({ view: view === 'compare' ? undefined : view })}
        tabs={[
          {
            value: 'compare',
            title: tabs.compare,
            content: table(<ComparisonTable models={chosen} day={day} />),
          },
          {
            value: 'prices',
            title: tabs.prices,
            content: table(
              <PriceTable
                models={search['m'] === undefined ? choosePricedModels(chosen, day) : chosen}
                day={day}
              />,
            ),
          },
          { value: 'names', title: tabs.names, content: table(<NameTable models={chosen} day={day} />) },
          { value: 'aliases', title: tabs.aliases, content: <AliasTable day={day} /> },
          { value: 'calendar', title: tabs.calendar, content: <CalendarTable day={day} /> },
          {
            value: 'calculator',
            title: tabs.calculator,
            content: table(<PriceCalculator models={chosen} day={day} />),
          },
          { value: 'facts', title: tabs.facts, content: table(<FactsTable models={chosen} day={day} />) },
        ]}
      />
    </div>
  )
}

/** An empty value would leave the address, and mean the default selection. */
const none = '-'

function readModels(text: string | undefined): readonly Model[] | null {
  if (text === undefined) return null
  const ids = new Set(text.split(','))
  return models.filter(({ id }) => ids.has(id))
}

function NoModels() {
  return (
    <Empty title={modelsTexts.noModels}>
      <p className="muted">{modelsTexts.noModelsNext}</p>
    </Empty>
  )
}
