import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { formatConformPage } from '../../src/conform/page.ts'
import { rejectIf, startBrokenGateway } from '../conform/broken-gateway.ts'
import { run } from '../console.ts'
import { startServer } from '../running-server.ts'
import { scriptLines } from '../scripted-lines.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('prints one line for each requirement, skips what it cannot see, and exits with 0', async () => {
  const server = await startServer({ tokensPerSecond: 300 })

  const { code, out, err } = await run(['conform', server.url, '--key', server.key, '--protocol', 'vertex'])

  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('pass  vertex.answer.message\n')
  expect(out).toContain('skip  vertex.error.rate\n      give a key that is over its limit as --limited-key')
  expect(out).toMatch(/\n\d+ passed, 0 failed, 1 skipped\n$/)
})

test('shows what was sent and got for a failure, without the key, and exits with 1', async () => {
  const server = await startServer({ tokensPerSecond: 400 })
  const broken = await startBrokenGateway(
    server.url,
    rejectIf(({ headers }) => headers['content-type'] === 'application/octet-stream', 415, `"${server.key}"`),
  )
  const junit = 'conform.xml'
  const cwd = temporaryFolder()

  const { code, out } = await run(
    ['conform', broken, '--protocol', 'bedrock', '--junit', junit, '--model', 'haiku 4.5'],
    { cwd, env: { ANTHOLOGY_KEY: server.key }, columns: 200 },
  )

  expect(code).toBe(1)
  expect(out).toContain('FAIL  bedrock.invoke.content_type\n      the status is 415, not 200: "[key]"')
  expect(out).toContain(
    'sent: POST /model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke {"anthropic_version"',
  )
  expect(out).toContain('got: 415 application/json "[key]"')
  expect(out).toContain('Amazon Bedrock API reference, "InvokeModel"')
  expect(out).not.toContain(server.key)
  const report = readFileSync(join(cwd, junit), 'utf8')
  expect(report).toContain('<failure message="the status is 415, not 200: &quot;[key]&quot;">')
  expect(report).not.toContain(server.key)
})

test('says once that no server answers', async () => {
  const { code, out, err } = await run(['conform', 'http://127.0.0.1:1', '--key', 'k'])

  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('no server answers at http://127.0.0.1:1 (ECONNREFUSED)')
})

test.each([
  [[], 'conform needs one URL'],
  [['ftp://x', '--key', 'k'], 'is not the base URL of a gateway'],
  [['http://127.0.0.1:1'], 'conform needs a key'],
  [['http://127.0.0.1:1', '--key', 'k', '--protocol', 'openai'], 'there is no protocol "openai"'],
  [['http://127.0.0.1:1', '--key', 'k', '--aws', 'id'], '--aws must be an id and a secret'],
  [['http://127.0.0.1:1', 'http://127.0.0.1:2', '--key', 'k'], 'conform needs one URL'],
])('rejects %j as wrong use', async (argv, problem) => {
  const { code, out, err } = await run(['conform', ...argv])

  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(problem)
})

test('tells the cost before it calls another machine, and sends nothing unless it is told to', async () => {
  const argv = ['conform', 'https://gateway.invalid', '--key', 'k']

  const asked = await run(argv, { lines: scriptLines(['n']) })
  const piped = await run(argv, { input: '' })

  expect(asked.code).toBe(1)
  expect(asked.err).toMatch(
    /^\d+ checks call claude-haiku-4-5 at gateway\.invalid\. They may cost at most about \$0\.0\d+\.\n$/,
  )
  expect(asked.out).toBe('')
  expect(piped.code).toBe(2)
  expect(piped.err).toContain('Use --yes to go on.')
})

test('docs/conform.md has the table of all requirements', () => {
  const page = readFileSync(new URL('../../../docs/conform.md', import.meta.url), 'utf8')

  expect(page, 'run node scripts/conform.ts').toBe(formatConformPage())
})
