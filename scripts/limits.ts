// Writes everything that is derived from the table of limits and the configuration's schema: the tables of
// `docs/limits.md`, and `gateway/anthology.schema.json`. A test fails when they are stale.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { configSchema } from '../gateway/src/config/config-schema.ts'
import { limitRows } from '../gateway/src/limits.ts'
import type { LimitUnit } from '../gateway/src/config/limit-table.ts'
import type { NamedLimitRow } from '../gateway/src/limits.ts'
import { replaceBetweenMarkers } from './page-markers.ts'

const root = join(import.meta.dirname, '..')

/** The derived files, by path relative to the repository, with their text. */
export function printFiles(): readonly { readonly path: string; readonly text: string }[] {
  const tables = { limits: printLimits(), rates: printRates() }
  let page = readFileSync(join(root, 'docs/limits.md'), 'utf8')
  for (const [name, table] of Object.entries(tables)) page = replaceBetweenMarkers(page, name, table)
  return [
    { path: 'docs/limits.md', text: page },
    { path: 'gateway/anthology.schema.json', text: `${JSON.stringify(configSchema, null, 2)}\n` },
  ]
}

function printLimits(): readonly string[] {
  return [
    '| limit | default | per | meaning | when exceeded |',
    '| --- | --- | --- | --- | --- |',
    ...limitRows.map(printLimit),
  ]
}

function printLimit({ configName, scope, description, exceeded, counted, ...row }: NamedLimitRow): string {
  const effect = counted === undefined ? exceeded : `${exceeded}. Counted when ${counted}`
  return `| \`${configName}\` | ${printValue(row.default, row.unit)} | ${scope} | ${markNames(description)} | ${markNames(effect)}. |`
}

function printRates(): readonly string[] {
  return [
    '| rate | counts |',
    '| --- | --- |',
    ...Object.entries(configSchema.definitions.rate.properties).map(
      ([name, { description }]) => `| \`${name}\` | ${description} |`,
    ),
  ]
}

/** Formats error codes, names of limits and HTTP/2 codes as code. */
function markNames(text: string): string {
  return text.replace(/(?<=\b[45]\d\d )[a-z_]+|\b[A-Za-z]+(?:_[A-Za-z]+)+\b/g, '`$&`')
}

/** The value in the largest unit that divides it. */
function printValue(value: number, unit: LimitUnit): string {
  const found = printedUnits[unit].find(({ size, least = size }) => value % size === 0 && value >= least)
  return found === undefined ? value.toLocaleString('en-US') : `${value / found.size} ${found.name}`
}

interface PrintedUnit {
  readonly name: string
  readonly size: number
  readonly least?: number
}

const printedUnits: Readonly<Record<LimitUnit, readonly PrintedUnit[]>> = {
  bytes: [
    { name: 'GiB', size: 1024 ** 3 },
    { name: 'MiB', size: 1024 ** 2 },
    { name: 'KiB', size: 1024 },
    { name: 'bytes', size: 1 },
  ],
  ms: [
    // One minute is printed as 60 s, like similar limits.
    { name: 'min', size: 60_000, least: 120_000 },
    { name: 's', size: 1_000 },
    { name: 'ms', size: 1 },
  ],
  count: [],
}

if (import.meta.main) {
  const stale = printFiles().filter(({ path, text }) => readFileSync(join(root, path), 'utf8') !== text)
  for (const { path, text } of stale) {
    writeFileSync(join(root, path), text)
    console.log(`wrote ${path}`)
  }
  if (stale.length === 0) console.log('up to date')
}
