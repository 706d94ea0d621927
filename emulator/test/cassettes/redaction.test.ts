import { describe, expect, test } from 'vitest'

import { createRedactor } from '../../src/cassettes/redaction/redactor.ts'
import { createCassetteStore, createEmulator, createRecorder } from '../../src/index.ts'
import { ask, createFolder, protocols, readFolder, record, replay, send } from './rig.ts'

/** One canary for each place, none of them real. */
const canaries = {
  apiKey: 'sk-ant-api03-CANARYapikey0123456789',
  plainKey: 'canary-plain-key-of-a-local-server',
  anthologyKey: 'sk-anthology-CANARYanthology01234',
  bearer: 'canary.bearer.token.0123456789',
  cookie: 'canary-cookie-value-0123456789',
  session: 'IQoJb3JpZ2luCANARYsessiontoken0123456789/0123456789+0123456789==',
  accessKeyId: 'AKIACANARY0123456789',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.CANARYsignature',
  queryKey: 'canary-query-key-0123456789',
  organization: 'org-CANARY0123456789abcdef',
  own: 'CUSTOMER-778899',
}

const headers = {
  'x-api-key': canaries.plainKey,
  authorization: `Bearer ${canaries.bearer}`,
  cookie: `session=${canaries.cookie}; theme=dark`,
  'x-amz-security-token': canaries.session,
  'openai-organization': canaries.organization,
}

describe('no secret is recorded', () => {
  test.each(protocols)('%s: from headers, URL, request and answer', async (_, create) => {
    const folder = createFolder()
    const warnings: string[] = []
    const proxy = await record(folder, { patterns: ['CUSTOMER-[0-9]+'], warn: (line) => warnings.push(line) })
    for (const [name, canary] of Object.entries(canaries)) {
      // The emulator quotes the question in its answer, which it streams in small pieces.
      const call = create(`Say ${canary} twice.`)
      await send(proxy, {
        ...call,
        path: `${call.path}?key=${canaries.queryKey}`,
        headers: { ...call.headers, ...headers },
      })

      const written = Object.values(readFolder(folder)).join('\n')
      for (const secret of Object.values(canaries)) expect(written, name).not.toContain(secret)
      expect(Object.keys(readFolder(folder)).join(' ')).not.toMatch(/canary/i)
    }

    expect(warnings).toEqual([])
    expect(Object.values(readFolder(folder)).join('')).toContain('Say [redacted] twice.')
  })

  test('a signature of AWS and its session token are not recorded', async () => {
    const folder = createFolder()
    const proxy = await record(folder)
    const signature = 'c0ffee'.repeat(10) + 'abcd'
    const [, create] = protocols[6] ?? []
    await send(proxy, {
      ...(create?.('Hello!') ?? { path: '', body: null }),
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${canaries.accessKeyId}/20261129/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=${signature}`,
        'x-amz-security-token': canaries.session,
      },
    })
    const written = Object.values(readFolder(folder)).join('')

    expect(written).toContain('status: 200')
    expect(written).not.toMatch(new RegExp(`${signature}|${canaries.accessKeyId}|IQoJ`))
  })

  test('a secret in JSON escapes, in base64, or as part of a URL is found', () => {
    const redactor = createRedactor(['pass/word+with&marks'])
    const escaped = String.raw`{"text":"a\n pass\/word+with&marks","more":1}`

    expect(redactor.redactJson(escaped)).toBe(String.raw`{"text":"a\n [redacted]","more":1}`)
    expect(redactor.redact('?q=pass%2Fword%2Bwith%26marks')).toBe('?q=[redacted]')
    expect(redactor.redact(Buffer.from('pass/word+with&marks').toString('base64'))).toMatch(
      /^\[redacted\].{0,4}$/,
    )
  })

  test('a credential in a member of the body is not recorded, with or without the bodies of requests', async () => {
    for (const bodies of [false, true]) {
      const folder = createFolder()
      const proxy = await record(folder, { bodies })
      const token = 'canary of an MCP server'
      const call = ask(`Is ${token} a name?`, {
        model: 'claude-opus-4-8',
        mcp_servers: [{ type: 'url', url: 'https://mcp.example', name: 'one', authorization_token: token }],
        tools: [{ type: 'mcp_toolset', mcp_server_name: 'one' }],
        messages: [
          { role: 'user', content: 'Log in.' },
          {
            role: 'assistant',
            content: [{ type: 'tool_use', id: 'toolu_1', name: 'login', input: { password: 'hunter2' } }],
          },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Done.' },
              { type: 'text', text: `Is ${token} a name?` },
            ],
          },
        ],
      })
      const answer = await send(proxy, {
        ...call,
        headers: { ...call.headers, 'anthropic-beta': 'mcp-client-2025-11-20' },
      })
      const written = Object.values(readFolder(folder)).join('')

      expect(answer.text).toContain(token)
      expect(written).toContain('Is [redacted] a name?')
      expect(written).not.toContain(token)
      expect(written).not.toContain('hunter2')
    }
  })

  test('the number of an AWS account is not recorded, in a path or in a text', async () => {
    const folder = createFolder()
    const proxy = await record(folder)
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'
    await send(proxy, {
      path: `/model/${encodeURIComponent(arn)}/converse`,
      body: { messages: [{ role: 'user', content: [{ text: `Who owns ${arn}?` }] }] },
    })
    const written = Object.values(readFolder(folder)).join('')

    expect(written).toContain('arn:aws:bedrock:us-east-1:[redacted]:application-inference-profile/abc')
    expect(written).not.toContain('123456789012')
  })

  test('an answer that is no text is not recorded if it contains a secret of its request', async () => {
    const cassettes = createCassetteStore()
    const warnings: string[] = []
    const echo = createRecorder(
      {
        send: (request, receiver) => {
          queueMicrotask(() => {
            receiver.head(200, { 'content-type': 'application/octet-stream' })
            receiver.chunk(Buffer.concat([Buffer.from([0xff, 0xfe]), request.body ?? Buffer.alloc(0)]))
            receiver.end()
          })
          return { resume: () => {}, abort: () => {} }
        },
      },
      { cassettes, warn: (line) => warnings.push(line) },
    )
    const sendBytes = (body: string) =>
      new Promise<void>((resolve) => {
        const request = {
          method: 'POST',
          path: '/v1/messages',
          headers: { 'x-api-key': canaries.plainKey },
          body: Buffer.from(body),
        } as const
        echo.send(request, { head: () => {}, chunk: () => true, end: resolve, fail: () => {} })
      })
    await sendBytes('harmless')
    await sendBytes(`with ${canaries.plainKey} inside`)

    expect(cassettes.list()).toHaveLength(1)
    expect(warnings).toEqual([
      'POST /v1/messages was not recorded: a secret would remain in it after redaction',
    ])
  })

  test('the credential that a gateway adds is redacted if the upstream repeats it', async () => {
    const cassettes = createCassetteStore()
    const recorder = createRecorder(createEmulator(), { cassettes, secrets: ['upstream-credential-of-us'] })
    const { path, body, headers: sent = {} } = ask('Is upstream-credential-of-us a name?')
    await new Promise<void>((resolve) => {
      recorder.send(
        { method: 'POST', path, headers: sent, body: Buffer.from(JSON.stringify(body)) },
        { head: () => {}, chunk: () => true, end: resolve, fail: () => {} },
      )
    })

    expect(cassettes.list()[0]?.exchange.request.last_user).toBe('Is [redacted] a name?')
    expect(JSON.stringify(cassettes.list())).not.toContain('upstream-credential')
  })
})

describe('what is redacted does not keep a recording from matching', () => {
  test('another key in header and prompt gets the same answer', async () => {
    const folder = createFolder()
    const recorded = await send(await record(folder), ask(`Is ${canaries.apiKey} valid?`))
    const other = ask('Is sk-ant-api03-ANOTHERkey9876543210 valid?')
    const replayed = await send(await replay(folder), {
      ...other,
      headers: { ...other.headers, 'x-api-key': 'another-key-0123456789' },
    })

    expect(replayed.status).toBe(200)
    expect(replayed.text).toBe(recorded.text.replaceAll(canaries.apiKey, '[redacted]'))
  })

  test('a part of the prompt that changes with each run can be declared', async () => {
    const folder = createFolder()
    const patterns = ['[0-9]{2}:[0-9]{2}']
    await send(await record(folder, { patterns }), ask('It is 10:15. What next?'))
    const player = await replay(folder, { patterns })

    expect((await send(player, ask('It is 23:59. What next?'))).status).toBe(200)
  })

  test('words that only look like credentials stay', () => {
    const redactor = createRedactor(['ollama', 'test-key'])
    const words = 'Use bearer authentication with ollama, a test-key, task-force-organization, and sk-it.'

    expect(redactor.redact(words)).toBe(words)
  })
})
