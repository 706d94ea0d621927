import { spawnSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { models } from '../src/index.ts'
import { buildBrowserCatalog } from '../../scripts/browser-catalog.ts'

const code = await buildBrowserCatalog()

test('is one module without imports, under 60 KB compressed', () => {
  expect(gzipSync(code).length).toBeLessThan(60_000)
  expect(code).not.toMatch(/\bimport\s*[{*("']|\bfrom\s*["']|\brequire\(/)
})

// A fresh context has only the language: no process, Buffer, URL or fetch.
test('runs without any host API', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', '--no-warnings', '--input-type=module', '--eval', runner],
    { input: code, encoding: 'utf8' },
  )

  expect(stderr).toBe('')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    globals: 'undefined undefined undefined',
    models: models.length,
    id: 'claude-opus-4-1-20250805',
    cost: '0.09',
    name: 'eu.anthropic.claude-opus-5',
  })
})

const runner = `
import { readFileSync } from 'node:fs'
import vm from 'node:vm'

const context = vm.createContext({})
const link = () => { throw new Error('it imports something') }
const catalog = new vm.SourceTextModule(readFileSync(0, 'utf8'), { context, identifier: 'catalog' })
await catalog.link(link)
await catalog.evaluate()
const { resolve, nameOn, models, computePrice, formatNanoUsd } = catalog.namespace
const opus = resolve('opus 4.1')
const price = computePrice({ input_tokens: 1000, output_tokens: 1000 }, opus.model, { asOf: '2025-08-15' })
console.log(JSON.stringify({
  globals: vm.runInContext('[typeof process, typeof Buffer, typeof fetch].join(" ")', context),
  models: models.length,
  id: opus.canonical,
  cost: formatNanoUsd(price.totalNanoUsd),
  name: nameOn(resolve('claude-opus-5').model, 'bedrock', { region: 'eu-west-1' }),
}))
`
