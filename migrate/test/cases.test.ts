import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { models, resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { describe, expect, test } from 'vitest'

import { migrateText } from '../src/index.ts'
import type { JudgedFinding } from '../src/index.ts'
import { readCases } from './cases.ts'
import type { Case, ExpectedPlace } from './cases.ts'

const day = '2026-11-29'
const cases = readCases()
if (process.env['ANTHOLOGY_WRITE_CASES'] === '1') for (const each of cases) writeCase(each)

describe('the programs of every format', () => {
  test.each(readCases())('finds and classifies the places of $name', (each) => {
    const found = [...each.files].flatMap(([path, text]) => list(path, migrate(path, text, each).findings))

    expect(found).toEqual(each.expected.places)
  })

  test.each(readCases())('edits $name as reviewed, and a second run changes nothing', (each) => {
    for (const [path, text] of each.files) {
      const after = migrate(path, text, each).text

      expect(after).toBe(readAfter(each, path, text))
      expect(migrate(path, after, each).text).toBe(after)
    }
  })

  test('the programs have at least a hundred places in ten formats', () => {
    const places = readCases().flatMap(({ expected }) => expected.places)

    expect(places.length).toBeGreaterThanOrEqual(100)
    expect(new Set(cases.map(({ name }) => name.split('/')[0])).size).toBeGreaterThanOrEqual(10)
  })
})

describe('moves to every model', () => {
  test.each(models.map((model) => [model.id, model] as const))(
    'to %s: no case gets an edit that a second run would change',
    (_, target) => {
      for (const each of cases)
        for (const [path, text] of each.files) {
          const once = migrateText(path, text, { target, day })
          const twice = migrateText(path, once.text, { target, day })

          expect({ case: each.name, path, text: twice.text }).toEqual({
            case: each.name,
            path,
            text: once.text,
          })
        }
    },
  )
})

function migrate(path: string, text: string, { expected }: Case) {
  return migrateText(path, text, { target: requireModel(expected.to), day })
}

function requireModel(name: string): Model {
  const found = resolve(name)
  if (!found.ok) throw new Error(`no model ${name}`)
  return found.model
}

function list(file: string, findings: readonly JudgedFinding[]): readonly ExpectedPlace[] {
  return findings.map(({ line, text, class: placeClass, code, severity, edit }) => ({
    file,
    line,
    text: text.split('\n')[0] ?? '',
    class: placeClass,
    code,
    severity,
    after: edit?.after ?? null,
  }))
}

function readAfter({ folder }: Case, path: string, text: string): string {
  const after = join(folder, 'after', path)
  return existsSync(after) ? readFileSync(after, 'utf8') : text
}

function writeCase(each: Case): void {
  const { folder, files, expected } = each
  const places = [...files].flatMap(([path, text]) => list(path, migrate(path, text, each).findings))
  const lines = places.map((place) => `    ${JSON.stringify(place)}`).join(',\n')
  const { places: _, ...rest } = expected
  const head = JSON.stringify(rest).slice(1, -1)
  writeFileSync(join(folder, 'expected.json'), `{\n  ${head},\n  "places": [\n${lines}\n  ]\n}\n`)
  rmSync(join(folder, 'after'), { recursive: true, force: true })
  for (const [path, text] of files) {
    const after = migrate(path, text, each).text
    if (after === text) continue
    const file = join(folder, 'after', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, after)
  }
}
