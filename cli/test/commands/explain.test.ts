import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { createSecret, readAdminKey } from '@anthology/gateway'
import { expect, test } from 'vitest'

import { run } from '../console.ts'
import { startServer } from '../running-server.ts'
import type { ServerOptions } from '../running-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const request = (model = 'claude-opus-4-1', more = {}) =>
  JSON.stringify({ model, max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }], ...more })

test('asks the running server, with the admin key of its data folder', async () => {
  const server = await startAdmin()

  const { code, out, err } = await run(['explain', '-', ...server.flags, '--json'], { input: request() })

  expect([code, err]).toEqual([0, ''])
  expect(JSON.parse(out)).toEqual({
    model: 'claude-opus-4-1-20250805',
    attempts: [
      {
        upstream: 'emulator',
        platform: 'anthropic',
        model: 'claude-opus-4-1-20250805',
        because: 'first_of_group',
        price: expect.objectContaining({ low_usd: expect.any(String), high_usd: expect.any(String) }),
      },
    ],
    excluded: [],
  })
  expect(statSync(join(server.dataFolder, 'admin-key')).mode & 0o777).toBe(0o600)
})

test('reads a file, and prints a table without --json', async () => {
  const server = await startAdmin()
  const file = join(server.dataFolder, 'request.json')
  writeFileSync(file, request())

  const { code, out } = await run(['explain', file, ...server.flags])

  expect(code).toBe(0)
  expect(out).toMatch(/claude-opus-4-1-20250805 would be asked at one upstream[^]*1 {2}emulator/)
})

test('explains a request of Bedrock, and the restrictions of a key', async () => {
  const server = await startAdmin()
  const converse = JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hello' }] }] })
  const model = 'us.anthropic.claude-opus-4-1-20250805-v1:0'

  const bedrock = await run(['explain', '-', '--protocol', 'bedrock', '--model', model, ...server.flags], {
    input: converse,
  })
  const nobody = await run(['explain', '-', '--key', 'nobody', ...server.flags], { input: request() })
  const local = await run(['explain', '-', '--key', 'local', ...server.flags], { input: request() })

  expect([bedrock.code, bedrock.err]).toEqual([0, ''])
  expect(bedrock.out).toContain('emulator')
  expect(nobody.code).toBe(1)
  expect(nobody.out).toContain("key: no valid key has the id or name 'nobody'")
  expect(local.code).toBe(0)
})

test('a request that the client would not get through is exit code 1, with the error that the client gets', async () => {
  const server = await startAdmin()
  const input = request('claude-opus-4-1', { temperature: 0.5, top_p: 0.5 })

  const table = await run(['explain', '-', ...server.flags], { input })
  const json = await run(['explain', '-', ...server.flags, '--json'], { input })

  expect([table.code, json.code]).toEqual([1, 1])
  expect(table.out).toContain('The client gets: `temperature` and `top_p` cannot both be specified')
  expect(table.out).toContain('rejects request')
  expect(JSON.parse(json.out)).toMatchObject({ code: 'bad_request', status: 400, attempts: [] })
})

test('offline and online give the same answer for a server that has not been called yet', async () => {
  const server = await startAdmin({ routing: { aliases: { 'our-best': 'claude-opus-4-1' } } })
  const config = join(server.dataFolder, 'anthology.yaml')
  writeFileSync(config, 'routing: { aliases: { our-best: claude-opus-4-1 } }\n')
  const input = request('our-best')

  const online = await run(['explain', '-', ...server.flags, '--json'], { input })
  const offline = await run(['explain', '-', '--offline', '--config', config, '--json'], { input })

  expect(offline.code).toBe(0)
  expect(offline.out).toBe(online.out)
})

test('offline needs no secret of the upstreams, creates no data folder and calls nobody', async () => {
  const folder = temporaryFolder()
  const upstream = `{ platform: anthropic, base_url: 'http://127.0.0.1:1', api_key: '\${NOT_SET_HERE}' }`
  writeFileSync(join(folder, 'anthology.yaml'), `data: ./data\nupstreams: [${upstream}]\n`)

  const { code, out } = await run(['explain', '-', '--offline'], { input: request(), cwd: folder })

  expect(code).toBe(0)
  expect(out).toContain('From the configuration alone')
  expect(() => statSync(join(folder, 'data'))).toThrow('ENOENT')
})

test('the admin key of the data folder is never sent to another machine', async () => {
  const server = await startAdmin()

  const { code, err } = await run(
    ['explain', '-', '--data', server.dataFolder, '--url', 'http://gateway.example'],
    { input: request() },
  )

  expect(code).toBe(1)
  expect(err).toContain('there is no admin key for http://gateway.example')
})

test.each([
  ['a wrong key', ['--admin-key', createSecret()], 'does not accept the admin key'],
  ['the key for calls', ['--admin-key', 'LOCAL'], 'does not accept the admin key'],
])('%s is an error with the next step', async (_, flags, text) => {
  const server = await startAdmin()
  const given = flags.map((flag) => (flag === 'LOCAL' ? server.key : flag))

  const { code, err } = await run(['explain', '-', ...server.flags, ...given], { input: request() })

  expect(code).toBe(1)
  expect(err).toContain(text)
  expect(err).not.toContain('sk-anthology')
})

test('takes the admin key from the environment before that of the data folder', async () => {
  const server = await startAdmin()
  const env = { ANTHOLOGY_ADMIN_KEY: readFileSync(join(server.dataFolder, 'admin-key'), 'utf8').trim() }

  const { code } = await run(['explain', '-', '--url', server.url, '--data', temporaryFolder()], {
    input: request(),
    env,
  })

  expect(code).toBe(0)
})

test.each([
  [[], 'explain needs exactly one file'],
  [['a.json', 'b.json'], 'explain needs exactly one file'],
  [['-', '--protocol', 'soap'], '--protocol must be one of'],
  [['-', '--protocol', 'vertex'], 'a request of vertex needs --model'],
  [['-', '--model', 'claude-opus-4-1'], '--model and --stream are for bedrock and vertex'],
  [['-', '--offline', '--key', 'ci'], '--key needs a running server'],
  [['nowhere.json'], 'there is no file nowhere.json'],
])('%j is wrong use', async (argv, text) => {
  const { code, err } = await run(['explain', ...argv], { input: request() })

  expect(code).toBe(2)
  expect(err).toContain(text)
})

async function startAdmin(options: ServerOptions = {}) {
  const dataFolder = temporaryFolder()
  const server = await startServer({ dataFolder, adminKey: readAdminKey(dataFolder), ...options })
  return { ...server, flags: ['--data', dataFolder, '--port', String(server.port)] }
}
