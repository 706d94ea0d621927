import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { printFiles } from '../../../scripts/routing.ts'
import { failureRules } from '../../src/routing/failure.ts'
import { upstreamErrorRules } from '../../src/routing/upstream-error.ts'

const root = join(import.meta.dirname, '../../..')

test.each(printFiles())('$path is the one that `node scripts/routing.ts` writes', ({ path, text }) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(text)
})

test('the page has a row for every kind of error answer and every failure of an upstream', () => {
  const page = readFileSync(join(root, 'docs/routing.md'), 'utf8')

  for (const kind of Object.keys(upstreamErrorRules)) expect(page).toContain(`| ${kind} |`)
  for (const { phrase } of Object.values(failureRules)) expect(page).toContain(phrase)
})

test('the page names every reason in a plan', () => {
  const page = readFileSync(join(root, 'docs/routing.md'), 'utf8')
  const source = readFileSync(join(root, 'gateway/src/routing/exclusion.ts'), 'utf8')
  const [, exclusions = ''] = /export type Exclusion =([^]*?)(?:\n\n|$)/.exec(source) ?? []
  const reasons = [...exclusions.matchAll(/'(\w+)'/g)].map(([, reason]) => `| \`${reason}\` |`)

  expect(reasons.length).toBeGreaterThan(4)
  for (const reason of reasons) expect(page).toContain(reason)
})
