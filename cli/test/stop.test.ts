import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

import { expect, test } from 'vitest'

const module = join(import.meta.dirname, '../src/stop.ts')

test('a process that does not stop is ended', () => {
  const { status, stdout } = run(
    'endAfter({ err: (text) => console.log(text) }, 50); setInterval(() => {}, 1_000)',
  )

  expect(status).toBe(1)
  expect(stdout).toBe('Not stopped within 0.05 seconds; ending at once.\n')
})

test('a process that stops in time does not wait for that', () => {
  const { status, stdout } = run('endAfter({ err: console.log }, 600_000)')

  expect([status, stdout]).toEqual([0, ''])
})

function run(code: string) {
  const script = `import { endAfter } from ${JSON.stringify(module)}; ${code}`
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 60_000,
  })
}
