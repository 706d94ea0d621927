import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const config = `upstreams:
  - { name: one, platform: anthropic, api_key: 'sk-ant-one' }
  - { name: two, platform: anthropic, api_key: 'sk-ant-two' }
routing:
  groups: [[one, two]]
  weights: { two: 3 }
  aliases: { claude-sonnet-4-0: { to: claude-sonnet-4-5, share: 10% } }
`

test('aliases and weights are changed, listed with their source, and reset', async () => {
  const flags = createFlags()

  const changed = await run(['routing', 'alias', 'claude-sonnet-4-0', '--to', 'claude-opus-4-1', ...flags])
  const weighed = await run(['routing', 'weights', 'one=2', 'two=0', ...flags])
  const listed = JSON.parse((await run(['routing', 'list', '--json', ...flags])).out) as object
  const reset = await run(['routing', 'reset', 'claude-sonnet-4-0', ...flags])
  const resetWeights = await run(['routing', 'reset-weights', ...flags])
  const again = await run(['routing', 'reset-weights', ...flags])

  expect(changed).toMatchObject({ code: 0, err: expect.stringContaining('follows within a second') })
  expect(changed.out).toMatch(/^claude-sonnet-4-0 +claude-opus-4-1 +100% +always +api$/m)
  expect(weighed.out).toMatch(/^one +2 +api$/m)
  expect(listed).toMatchObject({
    aliases: [{ source: 'api', config: { to: 'claude-sonnet-4-5', share: '10%' } }],
    weights: { source: 'api', values: { one: 2, two: 0 }, config: { one: 1, two: 3 } },
  })
  expect(reset.out).toMatch(/^claude-sonnet-4-0 +claude-sonnet-4-5 +10% +always +config$/m)
  expect(resetWeights.out).toMatch(/^two +3 +config$/m)
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('were not changed at run time') })
})

test.each([
  [['alias', 'ours'], 2, 'needs --to'],
  [
    ['alias', 'ours', '--to', 'claude-opus-41'],
    2,
    "'ours' stands for 'claude-opus-41', which is not a model",
  ],
  [['alias', 'ours', '--to', 'opus', '--share', '10'], 2, '--share must be a percentage'],
  [['alias', 'ours', '--to', 'claude-opus-4-1', '--share', '10%'], 2, 'have no model'],
  [['alias', 'ours', '--to', 'claude-opus-4-1', '--from', '2026-02-30'], 2, 'is not a day'],
  [['weights'], 2, 'needs weights'],
  [['weights', 'one'], 2, 'is not a weight'],
  [['weights', 'three=1'], 2, "there is no upstream 'three'"],
  [['weights', 'one=0', 'two=0'], 2, 'none of them would be asked'],
] as const)('routing %j is wrong use', async (words, code, message) => {
  const failed = await run(['routing', ...words, ...createFlags()])

  expect(failed).toMatchObject({ code, err: expect.stringContaining(message) })
})

function createFlags(): readonly string[] {
  const folder = temporaryFolder()
  const file = join(folder, 'anthology.yaml')
  writeFileSync(file, config)
  return ['--config', file, '--data', join(folder, 'data')]
}
