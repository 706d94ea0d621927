import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { configSchema, limitNames } from '../src/config/config-schema.ts'
import { errors } from '../src/errors.ts'
import { type Limits, defaultLimits } from '../src/limits.ts'
import { limitsOfAll } from '../src/cluster/shared-limits.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/limits.md'), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )

test('the page tells of every limit once, with its default, and which of them are shared', () => {
  const shared: readonly (keyof Limits)[] = limitsOfAll
  const expected = [...limitNames].map(([name, limit]) => [
    `\`${name}\``,
    print(name, defaultLimits[limit]) + (shared.includes(limit) ? ', shared' : ''),
  ])

  const told = rows.filter((totals) => totals.length === 4).map((totals) => totals.slice(0, 2))

  expect(told.toSorted(byName)).toEqual(expected.toSorted(byName))
})

test('the page tells of every rate as the configuration does', () => {
  const { properties } = configSchema.definitions.rate
  const expected = Object.entries(properties).map(([name, { description }]) => [`\`${name}\``, description])

  expect(rows.filter((totals) => totals.length === 2)).toEqual(expected)
})

test('the refusals of the page have the status that they have in the table of errors', () => {
  const told = [...page.matchAll(/(\d{3}) `(\w+)`/g)].map(([, status, code]) => [code, Number(status)])
  const known = Object.entries(errors).map(([code, { status }]) => [code, status])

  expect(told.length).toBeGreaterThan(15)
  for (const apiError of told) expect(known).toContainEqual(apiError)
})

function byName([one = '']: readonly string[], [other = '']: readonly string[]): number {
  return one.localeCompare(other)
}

/** A figure with the largest unit that it is a whole number of. */
function print(name: string, value: number): string {
  const units = name.endsWith('_bytes') ? byteUnits : name.endsWith('_ms') ? timeUnits : []
  const unit = units.find(({ size, least = size }) => value % size === 0 && value >= least)
  return unit === undefined ? value.toLocaleString('en-US') : `${value / unit.size} ${unit.name}`
}

interface Unit {
  readonly name: string
  readonly size: number
  readonly least?: number
}

const byteUnits: readonly Unit[] = [
  { name: 'GiB', size: 1024 ** 3 },
  { name: 'MiB', size: 1024 ** 2 },
  { name: 'KiB', size: 1024 },
]

const timeUnits: readonly Unit[] = [
  { name: 'min', size: 60_000, least: 120_000 },
  { name: 's', size: 1_000 },
]
