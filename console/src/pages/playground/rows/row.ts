import { createId } from '../../../parts/create-id.ts'
import type { Model } from '@anthology/catalog'

import { printNanoUsd } from '../../../parts/format.ts'
import { printCsv } from '../../../parts/csv.ts'
import { printValue } from '../members.ts'
import { priceAnswerNanoUsd } from '../model-options.ts'
import type { Run } from '../run.ts'
import { readValue } from '../variables.ts'
import type { Values } from '../variables.ts'
import { csvSeparators, parseCsv } from './parse-csv.ts'

/** One set of values for the variables of a prompt. */
export interface TestRow {
  readonly id: string
  readonly values: Values
}

export function createRow(values: Values = {}): TestRow {
  return { id: createId(), values }
}

/** The answer of a model to a row. Events are not kept: a table of them would fill the memory. */
export interface RowResult extends Omit<Run, 'events'> {
  /** 1 to 5; null: not graded. */
  readonly grade: number | null
  /** The betas of the request, which decide its price. */
  readonly betas: readonly string[]
}

/** The results by row and model. */
export type RowResults = Readonly<Record<string, Readonly<Record<string, RowResult>>>>

export function readAnswerText({ answer, problem }: RowResult): string {
  const texts = answer.blocks.flatMap(({ type, text, value }) =>
    type === 'text' ? [text] : type === 'tool_use' ? [`${printValue(value['name'])}(${text})`] : [],
  )
  return problem ?? texts.join('\n')
}

/** The exact cost in nano-dollars; null without a usage or a price. */
export function readCostNanoUsd({ answer, betas }: RowResult, model: Model): bigint | null {
  return priceAnswerNanoUsd(answer.usage, model, betas)
}

/** The sum of all costs that are known, as a decimal of dollars. */
export function sumCostUsd(results: RowResults, models: readonly Model[]): string {
  const costs = Object.values(results).flatMap((ofRow) =>
    models.flatMap((model) => {
      const result = ofRow[model.id]
      return result === undefined ? [] : [readCostNanoUsd(result, model) ?? 0n]
    }),
  )
  return printNanoUsd(costs.reduce((sum, cost) => sum + cost, 0n))
}

export function countGrades(results: RowResults, rows: readonly TestRow[]): number {
  return rows.flatMap(({ id }) => Object.values(results[id] ?? {})).filter(({ grade }) => grade !== null)
    .length
}

/** The rows with their results as CSV. */
export function printRows(
  rows: readonly TestRow[],
  names: readonly string[],
  { results, models }: { readonly results: RowResults; readonly models: readonly Model[] },
): string {
  const head = [...names, ...models.flatMap(({ id }) => [`${id} answer`, `${id} cost_usd`, `${id} grade`])]
  return printCsv([
    head,
    ...rows.map(({ id, values }) => [
      ...names.map((name) => readValue(values, name)),
      ...models.flatMap((model) => {
        const result = results[id]?.[model.id]
        if (result === undefined) return ['', '', '']
        const cost = readCostNanoUsd(result, model)
        return [readAnswerText(result), cost === null ? '' : printNanoUsd(cost), result.grade]
      }),
    ]),
  ])
}

/**
 * Reads the rows of a CSV text whose first line names the variables; columns of other names are left out. Null: no column
 * has the name of a variable.
 */
export function readRows(text: string, names: readonly string[]): readonly TestRow[] | null {
  const tables = csvSeparators.map((separator) => parseCsv(text, separator))
  const table = tables.find(([head = []]) => head.some((name) => names.includes(name.trim())))
  if (table === undefined) return null
  const [head = [], ...lines] = table
  return lines.map((cells) => {
    const entries = head.flatMap((title, at) => {
      const name = title.trim()
      return names.includes(name) ? [[name, unquoteFormula(cells[at] ?? '')] as const] : []
    })
    return createRow(Object.fromEntries(entries))
  })
}

/** A table of more rows makes the page slow. */
export const maxRows = 500

/** Takes away the quote that an export puts in front of a formula. */
function unquoteFormula(text: string): string {
  return /^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text
}
