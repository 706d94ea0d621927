import {
  getEffectiveDay,
  getLifecycle,
  idOn,
  isKnownOn,
  limitOn,
  list,
  models,
  valueOn,
} from '@anthology/catalog'
import type { FactGroup, Limit, LifecycleStatus, Model, Platform, RateCard } from '@anthology/catalog'

import { formatCount } from '../../parts/format.ts'
import { modelsTexts } from '../../texts/models.ts'

/** The cells of the tables of the models page, on a day as YYYY-MM-DD. */

export const platforms: readonly Platform[] = ['anthropic', 'bedrock', 'vertex', 'foundry']

/** The day of the page with which the catalog began. */
export const seedDay = '2025-08-28'

/** The day of the oldest release in the catalog. */
export const firstDay = models
  .map(({ lifecycle }) => lifecycle.anthropic.released)
  .reduce((first, day) => (day < first ? day : first))

/** The columns of the page in its month; on other days the newest models that are in use. */
export function chooseDefaultModels(day: string): readonly Model[] {
  if (isInSeedMonth(day)) return models.filter(({ page }) => page === 'column')
  return list({ asOf: day, status: ['active', 'deprecated'] }).slice(0, maxDefault)
}

const maxDefault = 6

/** The page's price table also has the deprecated models, each name once. */
export function choosePricedModels(chosen: readonly Model[], day: string): readonly Model[] {
  if (!isInSeedMonth(day)) return chosen
  const priced = models.filter(({ page }) => page === 'price_row')
  const names = priced.map(({ name }) => name)
  return [...chosen, ...priced.filter(({ name }, at) => names.indexOf(name) === at)]
}

function isInSeedMonth(day: string): boolean {
  return day.slice(0, 7) === seedDay.slice(0, 7)
}

/** The models that exist on a day, newest first. */
export function listReleased(day: string): readonly Model[] {
  return models.filter((model) => getLifecycle(model, 'anthropic', day).status !== 'unreleased')
}

/** A retired model keeps the facts of its own era. */
function factsDay(model: Model, day: string): string {
  return getEffectiveDay(model, 'ignore', day)
}

export function findCard(model: Model, day: string): RateCard | undefined {
  return valueOn(model.rateCards, factsDay(model, day))
}

export function findName(model: Model, platform: Platform, day: string): string | null {
  return idOn(model, platform, day)
}

export interface Status {
  readonly status: LifecycleStatus
  readonly text: string
}

export function describeStatus(model: Model, platform: Platform, day: string): Status {
  const { status, retired } = getLifecycle(model, platform, day)
  const { statuses, statusOn } = modelsTexts
  const text = status === 'retired' || status === 'deprecated' ? statusOn[status](retired) : statuses[status]
  return { status, text }
}

export interface ComparisonLine {
  readonly row: keyof typeof modelsTexts.rows
  /** The group of facts in the catalog, which has the sources. */
  readonly group: FactGroup
  readonly cell: (model: Model) => string
  /** The tooltip of the page; null: none. */
  readonly note?: (model: Model) => string | null
}

/** The lines of the page's comparison table. */
export function listComparison(day: string): readonly ComparisonLine[] {
  return [
    { row: 'description', group: 'abilities', cell: ({ description }) => description ?? modelsTexts.unknown },
    { row: 'strengths', group: 'abilities', cell: ({ strengths }) => strengths ?? modelsTexts.unknown },
    { row: 'multilingual', group: 'abilities', cell: ({ multilingual }) => printFlag(multilingual) },
    { row: 'vision', group: 'abilities', cell: ({ vision }) => printFlag(vision) },
    { row: 'thinking', group: 'thinking', cell: printThinking },
    { row: 'priority', group: 'abilities', cell: ({ priorityTier }) => printFlag(priorityTier) },
    { row: 'id', group: 'names', cell: ({ id }) => id },
    {
      row: 'latency',
      group: 'abilities',
      cell: ({ comparativeLatency }) => comparativeLatency ?? modelsTexts.unknown,
    },
    {
      row: 'window',
      group: 'limits',
      cell: (model) => printWindow(model.contextWindow, factsDay(model, day)),
      note: ({ contextWindow }) => contextWindow.tooltip,
    },
    {
      row: 'output',
      group: 'limits',
      cell: (model) => printOutput(model.maxOutput, factsDay(model, day)),
      note: ({ maxOutput }) => maxOutput.tooltip,
    },
    { row: 'cutoff', group: 'abilities', cell: ({ trainingCutoff }) => printMonth(trainingCutoff) },
  ]
}

function printFlag(value: boolean | null): string {
  return value === null ? modelsTexts.unknown : value ? modelsTexts.yes : modelsTexts.no
}

/** Newer models choose the length of their thinking, and reject a budget. */
function printThinking({ thinking }: Model): string {
  if (thinking === null) return modelsTexts.no
  return thinking.types.includes('enabled') ? modelsTexts.yes : modelsTexts.adaptive
}

function printWindow(limit: Limit, day: string): string {
  const { tokens, beta } = readLimit(limit, day)
  return beta === null ? shorten(tokens) : `${shorten(tokens)} / ${shorten(beta)} (beta)`
}

function printOutput(limit: Limit, day: string): string {
  const { tokens, beta } = readLimit(limit, day)
  const standard = `${formatCount(tokens)} tokens`
  return beta === null ? standard : `${standard} / ${formatCount(beta)} (beta)`
}

function readLimit(limit: Limit, day: string): { readonly tokens: number; readonly beta: number | null } {
  const { tokens, beta } = limitOn(limit, day)
  const isOpen = beta !== null && (beta.until === null || day < beta.until)
  return { tokens, beta: isOpen ? beta.tokens : null }
}

/** `200K` and `1M`. */
function shorten(tokens: number): string {
  if (tokens % 1_000 !== 0) return formatCount(tokens)
  return tokens % 1_000_000 === 0 ? `${tokens / 1_000_000}M` : `${tokens / 1_000}K`
}

const month = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' })

function printMonth(text: string | null): string {
  return text === null ? modelsTexts.unknown : month.format(new Date(`${text}-01T00:00:00Z`))
}

/** The notes that were known on a day. */
export function listNotes(model: Model, day: string): readonly string[] {
  return model.notes.filter((note) => isKnownOn(note, day))
}
