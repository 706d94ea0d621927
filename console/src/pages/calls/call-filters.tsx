import { useState } from 'react'
import type { ReactNode } from 'react'

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
  'max_cost_usd',
  'min_tokens',
  'max_tokens',
  'cache',
  'stop_reason',
  'error_type',
  'status',
  'session',
  'label',
  'id',
] as const

type FilterName = (typeof filterNames)[number]

/** The filters that stand in the address, without those that the server would reject. */
export function readFilters(search: PageSearch): Readonly<Partial<Record<FilterName, string>>> {
  return Object.fromEntries(
    listSet(search).flatMap((name) =>
      findProblem(name, search[name]) === null ? [[name, search[name]]] : [],
    ),
  )
}

function listSet(search: PageSearch): readonly FilterName[] {
  return filterNames.filter((name) => search[name] !== undefined)
}

/** The sentence for a value that the server would reject; null: it would not. */
function findProblem(name: FilterName, value = ''): string | null {
  const check = checks[name]
  return value === '' || check === undefined || check.isValid(value) ? null : check.problem
}

interface Check {
  readonly isValid: (value: string) => boolean
  readonly problem: string
}

const isUsd = (value: string) => /^\d{1,9}(\.\d{1,9})?$/.test(value)
const isCount = (value: string) => /^\d{1,15}$/.test(value)

/** The rules of the admin API, in words. */
const checks: Readonly<Partial<Record<FilterName, Check>>> = {
  min_cost_usd: { isValid: isUsd, problem: texts.problems.usd },
  max_cost_usd: { isValid: isUsd, problem: texts.problems.usd },
  min_tokens: { isValid: isCount, problem: texts.problems.count },
  max_tokens: { isValid: isCount, problem: texts.problems.count },
  status: { isValid: isCount, problem: texts.problems.status },
  label: { isValid: (value) => /^[^=]+=.+$/.test(value), problem: texts.problems.label },
}

interface CallFiltersProps {
  readonly search: PageSearch
  readonly change: (changes: PageSearch) => void
  /** Stands beside the buttons. */
  readonly children: ReactNode
}

export function CallFilters({ search, change, children }: CallFiltersProps) {
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
  const isFiltered = listSet(search).length > 0
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
        {children}
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
    <FilterField
      label={label}
      value={search[name] ?? ''}
      onChange={set(name)}
      {...(checks[name] !== undefined && { problem: findProblem(name, search[name]) })}
    />
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
      <TimeFilter label={texts.since} value={search['since']} onChange={set('since')} />
      <TimeFilter label={texts.until} value={search['until']} onChange={set('until')} />
      {choice(
        'protocol',
        texts.protocol,
        ['messages', 'openai', 'bedrock', 'vertex', 'batches'].map((name) => [name, name] as const),
      )}
      {text('min_cost_usd', texts.minCost)}
      {text('max_cost_usd', texts.maxCost)}
      {text('min_tokens', texts.minTokens)}
      {text('max_tokens', texts.maxTokens)}
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
