import { resolve } from '@anthology/catalog'
import { expect, test } from 'vitest'

import { createProgram, migrateText } from '../src/index.ts'
import { compare } from './compare-labels.ts'
import { readLabelledCases } from './labels.ts'
import type { Label } from './labels.ts'

// The rates over the labels that were written by hand, printed with every place on which tool and label differ.

const day = '2026-11-29'

const results = readLabelledCases().flatMap((each) => {
  const found = resolve(each.to)
  if (!found.ok) throw new Error(`no model ${each.to}`)
  const options = { target: found.model, day }
  const program = createProgram(each.files)
  return [...each.files].map(([file, text]) => {
    const result = migrateText(file, text, options, program)
    const labels = each.places.filter((label) => label.file === file)
    return {
      name: `${each.name}/${file}`,
      result,
      again: migrateText(file, result.text, options, program).text,
      comparison: compare(text, labels, result),
    }
  })
})

const count = (list: readonly (readonly unknown[])[]) => list.flat().length
const comparisons = results.map(({ comparison }) => comparison)
const found = count(comparisons.map((each) => each.found))
const missed = count(comparisons.map((each) => each.missed))
const unfounded = count(comparisons.map((each) => each.unfounded))
const reported = count(
  results.map(({ result }) => result.findings.filter(({ severity }) => severity !== 'note')),
)
const edited = count(comparisons.map((each) => each.edited))
const wronglyEdited = count(comparisons.map((each) => [...each.wronglyEdited, ...each.stray]))
const changedAgain = results.filter(({ result, again }) => again !== result.text).map(({ name }) => name)

console.info(describeRates())

test('at least 98 % of the places are found', () => {
  expect(found / (found + missed)).toBeGreaterThanOrEqual(0.98)
})

test('at most 1 % of the findings are false', () => {
  expect(unfounded / reported).toBeLessThanOrEqual(0.01)
})

test('every edit is the one of its label, and nothing else is edited', () => {
  expect(edited).toBeGreaterThan(0)
  expect(wronglyEdited).toBe(0)
})

test('a second run changes nothing', () => {
  expect(changedAgain).toEqual([])
})

function describeRates(): string {
  const percent = (part: number, whole: number) =>
    `${((100 * part) / whole).toFixed(1)} % (${part} of ${whole})`
  const understated = results.flatMap(({ name, comparison }) =>
    comparison.understated.map(({ line, text }) => `  less severe than ${name}:${line} ${text}`),
  )
  const differences = results.flatMap(({ name, comparison }) => [
    ...comparison.missed.map(({ line, text }) => `  missed ${name}:${line} ${text}`),
    ...comparison.unfounded.map(
      ({ line, text, code }) => `  false ${name}:${line} ${code} ${text.split('\n')[0]}`,
    ),
    ...comparison.wronglyEdited.map(
      ({ label, actual }) => `  edit ${name}:${label.line} ${describeEdit(label, actual)}`,
    ),
    ...comparison.stray.map(
      ({ lines, actual }) => `  stray edit ${name}:${lines[0]} ${JSON.stringify(actual)}`,
    ),
  ])
  return [
    `found ${percent(found, found + missed)}`,
    `false ${percent(unfounded, reported)}`,
    `edits right ${percent(edited, edited + wronglyEdited)}`,
    `changed by a second run: ${changedAgain.length}`,
    ...differences,
    ...understated,
  ].join('\n')
}

function describeEdit({ text, becomes, adds }: Label, actual: string): string {
  const wanted = adds ?? (becomes === undefined ? 'no edit' : (becomes ?? 'no line'))
  return `${text}: ${JSON.stringify(wanted)}, here ${JSON.stringify(actual)}`
}
