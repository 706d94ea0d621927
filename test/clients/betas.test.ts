import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { findBeta } from '@anthology/catalog'
import { expect, test } from 'vitest'

// A beta that the catalog does not know is an error of the emulator, so a helper that adds one would fail there.
test.each([
  '@anthropic-ai/sdk',
  'anthropic-sdk-0-60',
  '@ai-sdk/anthropic',
  '@ai-sdk/amazon-bedrock',
  '@ai-sdk/google-vertex',
  '@langchain/anthropic',
])('the catalog has every beta in the code of %s', (name) => {
  const betas = listBetas(join(import.meta.dirname, 'node_modules', name))

  expect(betas.filter((beta) => findBeta(beta) === null)).toEqual([])
})

test('the newest SDK and the AI SDK add betas by themselves', () => {
  const modules = join(import.meta.dirname, 'node_modules')

  expect(listBetas(join(modules, '@anthropic-ai/sdk'))).toContain('structured-outputs-2025-12-15')
  expect(listBetas(join(modules, '@ai-sdk/anthropic'))).toContain('code-execution-web-tools-2026-02-09')
})

/** Lists the texts in a package's code that have the form of a beta. */
function listBetas(folder: string): readonly string[] {
  const found = new Set<string>()
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('js') || path.includes('node_modules')) continue
    for (const [, value = ''] of readFileSync(join(folder, path), 'utf8').matchAll(beta)) found.add(value)
  }
  return [...found].filter((value) => !versions.has(value))
}

const beta = /['"`]([a-z][a-z0-9-]{2,50}-20\d\d-\d\d-\d\d)['"`]/g
/** The same form in `anthropic_version`. */
const versions: ReadonlySet<string> = new Set(['bedrock-2023-05-31', 'vertex-2023-10-16'])
