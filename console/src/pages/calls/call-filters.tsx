import { useState } from 'react'

import type { PageSearch } from '../../app/router.tsx'
import { Choice, FilterField } from '../../parts/field.tsx'
import { TimeFilter } from '../../parts/time-filter.tsx'
import { callTexts } from '../../texts/calls.ts'
import { OwnerFilter } from './owner-filter.tsx'

const texts = callTexts.filters

/** The names of the filters in the address; they are the parameters of the admin API too. */
export const filterNames = [
  'model',
  'key',
  'workspace',
  'member',
  'outcome',
  'upstream',
  'platform',
  'protocol',
  'since',
  'until',
  'min_cost_usd',
  'min_tokens',
  'cache',
  'stop_reason',
  'error_type',
  'status',
  'session',
  'label',
  'id',
] as const

type FilterName = (typeof filterNames)[number]

/** The filters that stand in the address. */
export function readFilters(search: PageSearch): Readonly<Partial<Record<FilterName, string>>> {
  return Object.fromEntries(
    filterNames.flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]]])),
  )
}

interface CallFiltersProps {
  readonly search: PageSearch
  readonly change: (changes: PageSearch) => void
}

export function CallFilters({ search, change }: CallFiltersProps) {
  const [isLong, setLong] = useState(() => rare.some((name) => search[name] !== undefined))
  const set = (name: FilterName) => (value: string) =>
    change({ [name]: value === '' ? undefined : value, after: undefined, open: undefined })
  const text = (name: FilterName, label: string, isFirst = false) => (
    <FilterField label={label} value={search[name] ?? ''} onChange={set(name)} isFirstFilter={isFirst} />
  )
  const choice = (name: FilterName, label: string, options: readonly (readonly [string, string])[]) => (
    <Choice
      label={label}
      value={search[name] ?? ''}
      onChange={set(name)}
      options={[['', texts.any], ...options]}
    />
  )
  const isFiltered = Object.keys(readFilters(search)).length > 0
  return (
    <section className="stack" aria-label={texts.title}>
      <div className="filters">
        {text('model', texts.model, true)}
        <OwnerFilter kind="key" label={texts.key} value={search['key']} onChange={set('key')} />
        {choice('outcome', texts.outcome, [
          ['failed', texts.failed],
          ...Object.entries(callTexts.outcomes).filter(([name]) => name !== 'running'),
        ])}
        {text('session', texts.session)}
        {text('id', texts.id)}
        {isLong && <RareFilters search={search} set={set} />}
      </div>
      <div className="row">
        <button
          type="button"
          className="button small"
          aria-expanded={isLong}
          onClick={() => setLong(!isLong)}
        >
          {isLong ? texts.fewer : texts.more}
        </button>
        {isFiltered && (
          <button
            type="button"
            className="button small"
            onClick={() =>
              change({
                ...Object.fromEntries(filterNames.map((name) => [name, undefined])),
                after: undefined,
                open: undefined,
              })
            }
          >
            {texts.clear}
          </button>
        )}
      </div>
    </section>
  )
}

interface RareFiltersProps {
  readonly search: PageSearch
  readonly set: (name: FilterName) => (value: string) => void
}

function RareFilters({ search, set }: RareFiltersProps) {
  const text = (name: FilterName, label: string) => (
    <FilterField label={label} value={search[name] ?? ''} onChange={set(name)} />
  )
  const choice = (name: FilterName, label: string, options: readonly (readonly [string, string])[]) => (
    <Choice
      label={label}
      value={search[name] ?? ''}
      onChange={set(name)}
      options={[['', texts.any], ...options]}
    />
  )
  return (
    <>
      {(['workspace', 'member'] as const).map((kind) => (
        <OwnerFilter key={kind} kind={kind} label={texts[kind]} value={search[kind]} onChange={set(kind)} />
      ))}
      {text('upstream', texts.upstream)}
      {choice(
        'platform',
        texts.platform,
        ['anthropic', 'bedrock', 'vertex', 'foundry'].map((name) => [name, name] as const),
      )}
      {text('label', texts.label)}
      {choice(
        'protocol',
        texts.protocol,
        ['messages', 'openai', 'bedrock', 'vertex'].map((name) => [name, name] as const),
      )}
      <TimeFilter label={texts.since} value={search['since']} onChange={set('since')} />
      <TimeFilter label={texts.until} value={search['until']} onChange={set('until')} />
      {text('min_cost_usd', texts.minCost)}
      {text('min_tokens', texts.minTokens)}
      {choice('cache', texts.cache, [
        ['hit', texts.hit],
        ['miss', texts.miss],
      ])}
      {text('stop_reason', texts.stopReason)}
      {text('error_type', texts.errorType)}
      {text('status', texts.status)}
    </>
  )
}

const rare = filterNames.filter((name) => !['model', 'key', 'outcome', 'session', 'id'].includes(name))
