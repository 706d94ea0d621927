import { spawnSync } from 'node:child_process'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { temporaryFolder } from './temporary-folder.ts'

test('prints its version as a program', () => {
  expect(anthology(['--version'])).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' })
})

test('reads standard input, and the width of the terminal from COLUMNS', () => {
  const price = anthology(['price', 'claude-opus-4-1', '-', '--json'], { input: '{"input_tokens":1000}' })
  const table = anthology(['models', '--as-of', '2025-08-15'], { env: { COLUMNS: '140' } })

  expect(JSON.parse(price.out)).toMatchObject({ total_usd: '0.015' })
  expect(table.out.split('\n')[0]).toMatch(/Claude Opus 4\.1 .* Claude Haiku 3$/)
})

test('reads variables without the line break that a file of a secret ends with', () => {
  const { code, err } = anthology(['serve'], { env: { ANTHOLOGY_PORT: '99999\r\n' } })

  expect(code).toBe(2)
  expect(err).toContain('"99999" is not a port')
})

test('exits with 1 for a negative answer and with 2 for wrong use', () => {
  expect(anthology(['models', 'nobody']).code).toBe(1)
  expect(anthology(['nothing']).code).toBe(2)
})

test('rejects more than 32 MB of standard input', () => {
  const { code, err } = anthology(['price', 'claude-opus-4-1', '-'], {
    input: Buffer.alloc(33 * 1024 * 1024, ' '),
  })

  expect(code).toBe(2)
  expect(err).toContain('standard input is larger than 32 MB')
})

test('names the error if its output cannot be written', () => {
  const file = join(temporaryFolder(), 'read-only')
  writeFileSync(file, '')
  const readOnly = openSync(file, 'r')
  const { code, err } = anthology(['models'], { stdout: readOnly })
  closeSync(readOnly)

  expect(code).toBe(1)
  expect(err).toMatch(/^anthology: standard output cannot be written: E\w+.*\n$/)
})

test('a server that cannot start exits, and names file, line and column', () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'anthology.yaml'), 'trusted_proxies:\n  - proxy.example\n')

  const { code, err } = anthology(['serve', '--port', '0'], { cwd })

  expect(code).toBe(1)
  expect(err).toContain("anthology.yaml:2:3: trusted_proxies: 'proxy.example' is neither an address nor")
})

interface Given {
  readonly cwd?: string
  /** A file descriptor in place of a pipe. */
  readonly stdout?: number
  readonly input?: string | Buffer
  readonly env?: Record<string, string>
}

function anthology(
  argv: readonly string[],
  { input = '', env = {}, cwd, stdout: output }: Given = {},
): Result {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], {
    input,
    env,
    cwd,
    encoding: 'utf8',
    stdio: ['pipe', output ?? 'pipe', 'pipe'],
  })
  return { code: status, out: stdout, err: stderr }
}

interface Result {
  readonly code: number | null
  readonly out: string
  readonly err: string
}
