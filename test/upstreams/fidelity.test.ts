import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { beforeAll, expect, test } from 'vitest'

import { repository } from '../anthology-process.ts'
import { printPage } from './fidelity/page.ts'
import { protocols, runFidelity } from './fidelity/report.ts'
import type { FidelityResult } from './fidelity/report.ts'
import { upstreamPlatforms } from './platform-answers.ts'

let results: readonly FidelityResult[] = []

beforeAll(async () => {
  results = await runFidelity()
})

/** The lost fields that a report shows. */
const maxShown = 10

test('every protocol was asked at every platform, plain and streamed, with every field', () => {
  expect(results).toHaveLength(protocols.length * upstreamPlatforms.length * 2)
  const native = results.filter(({ protocol }) => protocol !== 'converse' && protocol !== 'openai')
  for (const { requests, answers } of native) {
    expect(requests.size).toBeGreaterThan(1_000)
    expect(answers.size).toBeGreaterThan(150)
  }
})

test('no field of a request or of an answer is lost without an error or a notice that names it', () => {
  const lost = results.flatMap(({ protocol, platform, stream, requests, answers }) =>
    [...requests, ...answers]
      .filter(([, { kind }]) => kind === 'lost')
      .map(([, { detail }]) => `${protocol} at ${platform}, ${stream ? 'stream' : 'plain'}: ${detail}`),
  )

  expect(lost.slice(0, maxShown)).toEqual([])
})

test('the Claude API gets every field of its own protocol, and its clients get every field of its answers', () => {
  const own = results.filter(({ protocol, platform }) => protocol === 'messages' && platform === 'anthropic')
  const changed = own.flatMap(({ requests, answers }) =>
    [...requests, ...answers].filter(([, { kind }]) => kind !== 'verbatim').map(([path]) => path),
  )

  expect(changed).toEqual([])
})

test('docs/fidelity.md says what was measured', () => {
  expect(readFileSync(join(repository, 'docs/fidelity.md'), 'utf8')).toBe(printPage(results))
})
