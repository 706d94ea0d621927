import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { formatNanoUsd } from '@anthology/catalog'
import { createHttpUpstream, defaultLimits } from '@anthology/gateway'
import { expect, onTestFinished, test } from 'vitest'
import { run } from '../console.ts'
import { startServer } from '../running-server.ts'
import { scriptLines } from '../scripted-lines.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('prints only the answer to one question', async () => {
  const server = await startServer()

  const { code, out, err } = await run(['chat', 'What is a ledger?', ...where(server)])

  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('Claude Sonnet 5.5')
  expect(out).not.toContain('$')
  expect(out).toMatch(/\S\n$/)
})

test('prints the same answer as JSON, with the usage and its exact price', async () => {
  const server = await startServer()

  const { code, out } = await run(['chat', 'Hi', '--model', 'claude-opus-4-1', '--json', ...where(server)])
  const turn = JSON.parse(out) as Turn
  // Opus 4.1: $15 in and $75 out, so 15,000 and 75,000 nano-dollars a token.
  const nanoUsd = BigInt(turn.usage.input_tokens) * 15_000n + BigInt(turn.usage.output_tokens) * 75_000n

  expect(code).toBe(0)
  expect(turn).toMatchObject({ model: 'claude-opus-4-1-20250805', ending: 'whole', stop_reason: 'end_turn' })
  expect(turn.cost_usd).toBe(formatNanoUsd(nanoUsd))
  expect(turn.total_usd).toBe(turn.cost_usd)
})

test('a credential that the upstream rejects is told as such, and not as a wrong key of this server', async () => {
  const rejecting = createServer((request, response) => {
    request.resume()
    response.writeHead(401, { 'content-type': 'application/json' })
    response.end('{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}')
  })
  await once(rejecting.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void rejecting.close())
  const upstream = createHttpUpstream({
    // A server that listens on a port, and not on a pipe, has an address of this type.
    baseUrl: `http://127.0.0.1:${(rejecting.address() as AddressInfo).port}`,
    credential: { header: 'x-api-key', value: 'sk-of-the-upstream-that-is-wrong' },
    limits: defaultLimits,
  })
  onTestFinished(() => upstream.close())
  const server = await startServer({
    accounts: [{ name: 'claude', platform: 'anthropic', upstream, secrets: [] }],
  })

  const { code, err } = await run(['chat', 'Hi', ...where(server)])

  expect(code).toBe(1)
  expect(err).toContain("upstream 'claude'")
  expect(err).toContain('credential')
  expect(err).not.toContain('ANTHOLOGY_KEY')
})

test('sends each piped line as a turn of one conversation', async () => {
  const server = await startServer()

  const { code, out } = await run(['chat', '--json', ...where(server)], { input: 'first\n\nsecond\n' })
  const turns = out.trimEnd().split('\n')

  expect(code).toBe(0)
  expect(turns).toHaveLength(2)
  expect((JSON.parse(turns[1] ?? '') as Turn).text).toContain('turn 2')
})

test('inserts standard input into the question in place of a dash', async () => {
  const server = await startServer()

  const { out } = await run(['chat', 'Repeat:', '-', ...where(server)], { input: 'a zebra crossing' })

  expect(out).toContain('a zebra crossing')
})

test('runs a conversation, prints the cost of each turn and the total, and changes the model', async () => {
  const server = await startServer()
  const lines = scriptLines([
    'Hello',
    '/model Opus 4.1',
    '/system Be brief',
    'And again',
    '/cost',
    '/quit',
    'never',
  ])

  const { code, out, err } = await run(['chat', ...where(server)], { lines })

  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^claude-sonnet-5-5 at http:\/\/127\.0\.0\.1:\d+\. \/help lists the commands/)
  expect(out).toContain('The model is now Claude Opus 4.1 (claude-opus-4-1-20250805).')
  expect(out).toContain('This is turn 2 with the offline emulator')
  expect(out).toContain('“Be brief”')
  expect(out.match(/^ {2}\d+ in, \d+ out {2}\$0\.\d+ {2}total \$0\.\d+$/gm)).toHaveLength(2)
  expect(out).toMatch(/^2 turns, \$(?<sum>0\.\d+) in all\.$/m)
  expect(out).toMatch(/The conversation cost \$0\.\d+\.\n$/)
  expect(out).not.toContain('never')
})

test('shows the same cost as the ledger of the server', async () => {
  const server = await startServer()
  const lines = scriptLines(['One', '/model claude-haiku-4-5', 'Two'])

  const { out } = await run(['chat', ...where(server)], { lines })
  await server.close()
  const usage = await run(['usage', '--json', '--data', server.dataFolder])

  const total = (JSON.parse(usage.out) as { total: { cost_usd: string } }).total.cost_usd
  expect(out).toContain(`The conversation cost $${total}.`)
})

test('continues on the next line after a backslash', async () => {
  const server = await startServer()
  const lines = scriptLines(['one \\', 'two'])

  const { out } = await run(['chat', ...where(server)], { lines })

  expect(out).toMatch(/one\s+two/)
  expect(lines.prompts).toEqual(['> ', '. ', '> '])
})

test('sends an image by its path, whatever its name', async () => {
  const server = await startServer()
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'dot.dat'), Buffer.from(onePixel, 'base64'))
  writeFileSync(join(folder, 'text.png'), 'no image')
  const lines = scriptLines(['/image text.png', '/image dot.dat', 'What is this?', '/image missing.png'])

  const { out, err } = await run(['chat', ...where(server)], { lines, cwd: folder })

  expect(out).toContain('The next turn includes 1 image.')
  expect(out).toMatch(/image/i)
  expect(err).toContain('text.png is not a PNG, JPEG, GIF or WebP image')
  expect(err).toContain('the image missing.png cannot be read: there is no such file')
})

test('stops the running answer at the first Ctrl-C, and leaves at the second', async () => {
  const server = await startServer({ tokensPerSecond: 100 })
  const lines = scriptLines(['Tell me more', 'never'])
  let pressed = 0

  const { code, out } = await run(['chat', ...where(server)], {
    lines,
    onWrite: () => {
      pressed += 1
      if (pressed === 3) {
        lines.interrupt()
        lines.interrupt()
      }
    },
  })

  expect(code).toBe(0)
  expect(out).toContain('  stopped\n')
  expect(out).toMatch(/at least \$0\.\d+/)
  expect(out).not.toContain('never')
})

test('warns at Ctrl-C between two answers, and continues after new input', async () => {
  const server = await startServer()
  const lines = scriptLines([
    () => {
      lines.interrupt()
      return '/cost'
    },
    () => {
      lines.interrupt()
      return '/quit'
    },
  ])

  const { out } = await run(['chat', ...where(server)], { lines })

  expect(out.match(/Press Ctrl-C again to leave\./g)).toHaveLength(2)
  expect(out).toContain('0 turns')
})

test('sends no control characters to a terminal', async () => {
  const server = await startServer()

  const { out } = await run(['chat', 'Say \u001B[2J\u0007', ...where(server)], { isTty: true })

  expect(out).toContain('[2J')
  expect(out).not.toContain('\u001B')
  expect(out).not.toContain('\u0007')
})

test('explains how to start a missing server', async () => {
  const server = await startServer()
  await server.close()

  const { code, err } = await run(['chat', 'Hi', ...where(server)])

  expect(code).toBe(1)
  expect(err).toContain(`nothing listens on ${server.url}`)
  expect(err).toContain('anthology serve')
})

test('explains what to do about a rejected key', async () => {
  const server = await startServer()

  const { code, err } = await run(['chat', 'Hi', '--url', server.url, '--key', 'wrong'])

  expect(code).toBe(1)
  expect(err).toContain('(401)')
  expect(err).toContain('does not accept --key')
})

test('suggests models for an unknown name, and continues the conversation', async () => {
  const server = await startServer()
  const lines = scriptLines(['/model claude-opus-9', '/model', '/nonsense'])

  const [single, talk] = [
    await run(['chat', 'Hi', '--model', 'claude-opus-9', ...where(server)]),
    await run(['chat', ...where(server)], { lines }),
  ]

  expect(single.code).toBe(1)
  expect(single.err).toMatch(/model: claude-opus-9\. Did you mean claude-opus-5/)
  expect(talk.err).toMatch(/model: claude-opus-9\. Did you mean/)
  expect(talk.out).toContain('The model is claude-sonnet-5-5.')
  expect(talk.out).toContain('There is no command /nonsense')
})

test('reads key and address from the data folder, and never sends the local key to another machine', async () => {
  const server = await startServer()
  const settings = ['--data', server.dataFolder]

  const [near, far, none] = [
    await run(['chat', 'Hi', ...settings], { env: { ANTHOLOGY_PORT: String(server.port) } }),
    await run(['chat', 'Hi', ...settings, '--url', 'http://gateway.test']),
    await run(['chat', 'Hi', '--data', temporaryFolder()]),
  ]

  expect(near.code).toBe(0)
  expect(far.code).toBe(1)
  expect(far.err).toContain('there is no key for http://gateway.test')
  expect(none.err).toContain('there is no local key in')
})

test('reports an interrupted answer, and drops a turn without text', async () => {
  const url = await serveBroken()
  const lines = scriptLines(['Hello', '/cost'])

  const { code, out } = await run(['chat', '--url', url, '--key', 'k'], { lines })
  const single = await run(['chat', 'Hello', '--url', url, '--key', 'k'])

  expect(code).toBe(0)
  expect(out).toContain('interrupted: Overloaded')
  expect(single.code).toBe(1)
  expect(single.err).toContain('the answer was interrupted: Overloaded')
})

test.each([
  [['chat', '--max-tokens', 'lots'], '--max-tokens must be a whole number above 0'],
  [['chat', '--url', 'gopher://x', 'Hi'], '--url must be an http or https address'],
  [['chat', ''], 'an argument of anthology chat is empty'],
  [['chat', ' '], 'the question is empty'],
])('reports %j as wrong use', async (argv, problem) => {
  const { code, err } = await run(argv)

  expect(code).toBe(2)
  expect(err).toContain(problem)
})

test('works as a program with piped lines', async () => {
  const server = await startServer()
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
  const program = spawn(process.execPath, [main, 'chat', ...where(server)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  program.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))

  program.stdin.write('Hello\n')
  await once(program.stdout, 'data')
  program.stdin.end('Once more\n')
  const [code] = (await once(program, 'exit')) as [number]

  expect(code).toBe(0)
  expect(Buffer.concat(chunks).toString()).toContain('turn 2')
})

interface Turn {
  readonly text: string
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number }
  readonly cost_usd: string
  readonly total_usd: string
}

const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

function where({ url, key }: { readonly url: string; readonly key: string }): readonly string[] {
  return ['--url', url, '--key', key]
}

/** A server that ends every answer with an error event after its head. */
async function serveBroken(): Promise<string> {
  const start = {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-5-5',
      content: [],
      usage: { input_tokens: 3, output_tokens: 0 },
    },
  }
  const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
  const server = createServer((request, response) => {
    request.resume()
    if (request.method === 'GET')
      return response.end('{"id":"claude-sonnet-5-5","display_name":"Claude Sonnet 5.5"}')
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    return response.end(
      [start, error].map((each) => `event: ${each.type}\ndata: ${JSON.stringify(each)}\n\n`).join(''),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  // A server that listens on a port, and not on a pipe, has an address of this type.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
