import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { createEmulator, listenEmulator } from '@anthology/emulator'
import { expect, onTestFinished, test } from 'vitest'

import { run } from './console.ts'
import { temporaryFolder } from './temporary-folder.ts'

const secretAccessKey = 'not-a-real-secret-access-key'
const aws = { accessKeyId: 'AKIANOTAREALKEY', secretAccessKey }

test('checks Bedrock by counting tokens, signed with the credentials of the upstream', async () => {
  const url = await startEmulator({ awsCredentials: [aws] })

  const [right, wrong] = [
    await check(bedrock(url)),
    await check(bedrock(url).replace(secretAccessKey, 'another-secret-access-key')),
  ]

  expect(right).toMatchObject({
    state: 'ok',
    text: expect.stringMatching(/^Amazon Bedrock in us-east-1 .* tokens for us\.anthropic\.claude-/),
  })
  expect(wrong).toMatchObject({
    state: 'fail',
    text: expect.stringMatching(/^Amazon Bedrock in us-east-1 answered 40[13]: .*signature/),
    next: expect.stringContaining('bedrock:CountTokens'),
  })
})

test('a model with a name of its own is checked under that name', async () => {
  const url = await startEmulator({ awsCredentials: [aws] })
  const name = 'eu.anthropic.claude-sonnet-4-20250514-v1:0'

  const finding = await check(`${bedrock(url)}    models: { claude-sonnet-4-0: "${name}" }\n`)

  expect(finding).toMatchObject({ state: 'ok', text: expect.stringContaining(`tokens for ${name}`) })
})

test('checks Vertex AI by counting tokens, with its access token', async () => {
  const url = await startEmulator({ keys: ['ya29.right-token-of-the-test'] })

  const [right, wrong] = [
    await check(vertex(url, 'ya29.right-token-of-the-test')),
    await check(vertex(url, 'ya29.wrong-token-of-the-test')),
  ]

  expect(right).toMatchObject({
    state: 'ok',
    text: expect.stringContaining('Vertex AI in europe-west1 counts'),
  })
  expect(wrong).toMatchObject({
    state: 'fail',
    text: expect.stringContaining('answered 401'),
    next: expect.stringContaining('application default credentials'),
  })
  expect(JSON.stringify(wrong)).not.toContain('wrong-token')
})

test('a clock that AWS does not accept is named as the cause', async () => {
  const future = new Date(Date.now() + 20 * 60_000)
  const url = await startEmulator({ awsCredentials: [aws], now: () => future.getTime() })

  const finding = await check(bedrock(url))

  expect(finding).toMatchObject({ state: 'fail', next: expect.stringContaining('Set the clock') })
})

test('the clock is compared with that of a cloud upstream', async () => {
  const url = await listen((_request, response) => {
    const date = new Date(Date.now() + 120_000).toUTCString()
    response.writeHead(200, { date, 'content-type': 'application/json' }).end('{"inputTokens":8}')
  })

  const findings = await checkAll(bedrock(url))

  expect(findings.find(({ name }) => name === 'cloud')?.state).toBe('ok')
  expect(findings.find(({ name }) => name === 'date')?.state).toBe('warn')
})

test.each([
  [400, 'warn', 'Enable the model'],
  [404, 'warn', 'Enable the model'],
  [429, 'warn', 'Try again later'],
  [503, 'warn', 'Try again later'],
])('an answer with %i is a %s with the next step', async (status, state, next) => {
  const url = await listen((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"message":"the words of AWS"}')
  })

  expect(await check(bedrock(url))).toMatchObject({
    state,
    text: expect.stringContaining('the words of AWS'),
    next: expect.stringContaining(next),
  })
})

test('an upstream that cannot be reached is a failure', async () => {
  const finding = await check(bedrock('http://127.0.0.1:1'))

  expect(finding).toMatchObject({ state: 'fail', text: expect.stringContaining('cannot be reached') })
})

test('an upstream without a model of the catalog is not checked', async () => {
  const finding = await check(bedrock('http://127.0.0.1:1').replace('us-east-1', 'mars-north-1'))

  expect(['warn', 'fail']).toContain(finding?.state)
})

test('a model that does not exist is named', async () => {
  const finding = await check(`${bedrock('http://127.0.0.1:1')}    models: { claude-opus-9: "arn" }\n`)

  expect(finding).toMatchObject({
    state: 'fail',
    text: "upstream 'cloud': models: 'claude-opus-9' is not a model",
    next: expect.stringContaining('Did you mean'),
  })
})

test('what the configuration lacks is a failure with the remedy', async () => {
  const foundry = await check('  - { name: cloud, platform: foundry, api_key: not-a-real-foundry-key }\n')

  expect(foundry).toMatchObject({
    state: 'fail',
    text: "upstream 'cloud' needs resource or base_url",
    next: expect.stringContaining('.services.ai.azure.com'),
  })
})

test('sends nothing with --offline, and prints no secret', async () => {
  let asked = 0
  const url = await listen((_request, response) => {
    asked += 1
    response.end('{}')
  })

  const findings = await checkAll(bedrock(url), ['--offline'])

  expect(asked).toBe(0)
  expect(findings.find(({ name }) => name === 'cloud')?.text).toBe(
    'Amazon Bedrock in us-east-1, not checked because of --offline',
  )
  expect(JSON.stringify(findings)).not.toContain(secretAccessKey)
})

test('every name in the routing that means nothing is a failure, and an upstream that is never asked a warning', async () => {
  const routing = `routing:
  groups: [[cloud, clowd], [other]]
  weights: { cluod: 2 }
  aliases: { our-best: claude-opus-4-1, our-worst: claude-opus-0 }
  models: { claude-opus-9: [[cloud]], our-best: [[nowhere]] }
  fallbacks: { our-best: [claude-sonnet-9] }
`
  const spare = '  - { name: spare, platform: anthropic, api_key: sk-ant-not-a-real-key }\n'

  const findings = await checkAll(`${bedrock('http://127.0.0.1:1')}${spare}${routing}`, ['--offline'])

  const found = findings.filter(({ name }) => name === 'routing').map(({ state, text }) => `${state} ${text}`)
  expect(found).toEqual([
    "fail routing.aliases: 'our-worst' stands for 'claude-opus-0', which is not a model",
    "fail routing.groups: there is no upstream 'clowd'",
    "fail routing.groups: there is no upstream 'other'",
    "fail routing.weights: there is no upstream 'cluod'",
    "fail routing.models: 'claude-opus-9' is not a model",
    "fail routing.models.our-best: there is no upstream 'nowhere'",
    "fail routing.fallbacks.our-best: 'claude-sonnet-9' is not a model",
  ])
  expect(findings.filter(({ name }) => name === 'upstreams')).toMatchObject([
    { state: 'warn', text: "upstreams.1: no group names upstream 'spare', so it is never asked" },
  ])
})

test('a routing whose names are all known is fine', async () => {
  const routing =
    'routing: { groups: [[cloud]], models: { opus: [[cloud]] }, aliases: { opus: claude-opus-4-1 } }\n'

  const findings = await checkAll(`${bedrock('http://127.0.0.1:1')}${routing}`, ['--offline'])

  expect(findings.filter(({ name }) => name === 'routing')).toMatchObject([{ state: 'ok' }])
})

interface Finding {
  readonly name: string
  readonly state: string
  readonly text: string
  readonly next: string | null
}

/** The finding about the upstream of a configuration. */
async function check(yaml: string): Promise<Finding | undefined> {
  return (await checkAll(yaml)).find(({ name }) => name === 'cloud')
}

async function checkAll(yaml: string, flags: readonly string[] = []): Promise<readonly Finding[]> {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'anthology.yaml'), `upstreams:\n${yaml}`)
  // Nothing listens on port 1.
  const { out } = await run(['doctor', '--json', '--port', '1', ...flags], { cwd })
  return (JSON.parse(out) as { findings: readonly Finding[] }).findings
}

function bedrock(url: string): string {
  return `  - name: cloud
    platform: bedrock
    region: us-east-1
    base_url: ${url}
    access_key_id: ${aws.accessKeyId}
    secret_access_key: ${secretAccessKey}
`
}

function vertex(url: string, token: string): string {
  return `  - name: cloud
    platform: vertex
    project: example
    location: europe-west1
    base_url: ${url}
    access_token: ${token}
`
}

async function startEmulator(options: Parameters<typeof createEmulator>[0]): Promise<string> {
  const server = await listenEmulator(createEmulator(options), { port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  return server.url
}

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  // A server that listens on a port, and not on a pipe, has an address of this type.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
