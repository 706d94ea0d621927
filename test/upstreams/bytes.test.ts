import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createHash } from 'node:crypto'

import { startCanned } from './cloud-errors.ts'
import { cloudNames, describeCloud, model, startBefore, startCloud } from './clouds.ts'
import type { CloudName } from './clouds.ts'
import { post } from './protocols.ts'

const message = JSON.stringify({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-haiku-4-5-20251001',
  content: [{ type: 'text', text: 'Hello.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 2 },
})

describe.each(cloudNames)('%s', (cloud) => {
  test('gets the bytes of the client, whatever their spelling, except for the spliced members', async () => {
    const server = await startCanned(() => ({ status: 200, body: message }))
    const gateway = await startBefore([describeCloud(cloud, server.url)])

    await fc.assert(
      fc.asyncProperty(oddMembers, fc.nat(4), async (members, at) => {
        const own = members.map(
          ({ name, text }, index) => `${space(index)}"${name}"${space(index + 1)}:${text}`,
        )
        const body = `{${[...own.slice(0, at), `"model" :\t"${model}"`, ...own.slice(at)].join(',')}\n}`
        const before = server.seen.length

        const answer = await post(`${gateway.url}/v1/messages`, body)

        expect(answer.status, answer.text).toBe(200)
        const sent = server.seen[before]?.body.toString() ?? ''
        // Every member is there with its bytes and in its order.
        expect(own.filter((text) => !sent.includes(text.trim()))).toEqual([])
        expect(withoutSplices(sent, cloud)).toBe(withoutModel(body))
      }),
      { numRuns: 40 },
    )
  })

  test('gets 19 MB as they are, in pieces', async () => {
    const server = await startCanned(() => ({ status: 200, body: message }))
    const gateway = await startBefore([describeCloud(cloud, server.url)])
    const image = Buffer.alloc(14_000_000, 'a picture').toString('base64')
    const content = `[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${image}"}}]`
    const messages = `"messages" : [{"role":"user","content":${content}}]`

    const answer = await post(`${gateway.url}/v1/messages`, `{"model":"${model}",${messages},"max_tokens":5}`)

    expect(answer.status, answer.text.slice(0, 500)).toBe(200)
    const sent = server.seen[0]?.body ?? Buffer.alloc(0)
    const at = sent.indexOf(messages.slice(0, 40))
    expect(hash(sent.subarray(at, at + messages.length))).toBe(hash(Buffer.from(messages)))
  })

  test('verifies the signature of its own thinking in the next turn, and rejects a forged one', async () => {
    const { gateway } = await startCloud(cloud)
    const tools = [
      {
        name: 'get_weather',
        description: 'Get the weather of a city',
        input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      },
    ]
    const question = { role: 'user', content: 'Call get_weather for the city Lisbon.' }
    const first = {
      model,
      max_tokens: 1_500,
      thinking: { type: 'enabled', budget_tokens: 1_024 },
      tools,
      messages: [question],
    }

    const answer = await post(`${gateway.url}/v1/messages`, first)
    // The emulator encoded it.
    const { content } = JSON.parse(answer.text) as { content: readonly Block[] }
    const next = await post(`${gateway.url}/v1/messages`, continueWith(first, content))
    const forged = content.map((block) =>
      block.signature === undefined
        ? block
        : { ...block, signature: block.signature.replace(/.{4}$/, 'AAA=') },
    )
    const rejected = await post(`${gateway.url}/v1/messages`, continueWith(first, forged))

    expect(content.map(({ type }) => type)).toEqual(expect.arrayContaining(['thinking', 'tool_use']))
    expect(next.status, next.text).toBe(200)
    expect([rejected.status, rejected.text]).toEqual([400, expect.stringContaining('Invalid `signature`')])
  })
})

interface Block {
  readonly type: string
  readonly id?: string
  readonly signature?: string
}

/** The next turn: the answer as it came, and the result of its tool call. */
function continueWith(first: { readonly messages: readonly object[] }, content: readonly Block[]): object {
  const id = content.find(({ type }) => type === 'tool_use')?.id ?? ''
  const result = { type: 'tool_result', tool_use_id: id, content: 'It is sunny.' }
  return {
    ...first,
    messages: [...first.messages, { role: 'assistant', content }, { role: 'user', content: [result] }],
  }
}

test('Bedrock and Vertex AI reject what is larger than they accept, before it is sent', async () => {
  for (const [cloud, bytes] of [
    ['invoke', 20_000_001],
    ['messages', 20_000_001],
    ['vertex', 30_000_001],
  ] as const) {
    const server = await startCanned(() => ({ status: 200, body: message }))
    const gateway = await startBefore([describeCloud(cloud, server.url)])
    const padding = 'x'.repeat(bytes)

    const answer = await post(
      `${gateway.url}/v1/messages`,
      `{"model":"${model}","max_tokens":5,"messages":[{"role":"user","content":"${padding}"}]}`,
    )

    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('exceeds')])
    expect(server.seen).toEqual([])
  }
})

/** Members that the gateway does not splice, in spellings that a printer would change. */
const oddMembers = fc
  .record({
    system: fc.constantFrom(
      '"\\u00e9\\/\\u0041\\ud83d\\ude00"',
      '"é 😀 \u2028"',
      '[ ]',
      '"\\"model\\":\\"x\\""',
    ),
    metadata: fc.constantFrom('{"user_id" : "a\\u0062c"}', '{ }', '{"user_id":null}'),
    unknown: fc.constantFrom('-0', '1E-400', '{"a":1,"a":2}', '[1.0,1e2]', '1000000000000000000001'),
    tokens: fc.constantFrom('10', '1e1'),
  })
  .map(({ system, metadata, unknown, tokens }) => [
    { name: 'max_tokens', text: ` ${tokens}` },
    { name: 'messages', text: '[{"role":"user","content":"\\u0048ello \\/ "}]' },
    { name: 'system', text: system },
    { name: 'metadata', text: `\t${metadata} ` },
    { name: 'a_new_member', text: unknown },
  ])

function space(index: number): string {
  return ['', ' ', '\t', '\n ', '\r\n'][index % 5] ?? ''
}

/** The members that a cloud adds or renames. */
function withoutSplices(sent: string, cloud: CloudName): string {
  const added = cloud === 'invoke' ? 'bedrock-2023-05-31' : 'vertex-2023-10-16'
  const plain = sent.replace(`,"anthropic_version":"${added}"`, '')
  return cloud === 'invoke' || cloud === 'vertex' ? plain : withoutModel(plain)
}

/** As the splice removes it: with the comma before it and the space before that, else with the comma after it. */
function withoutModel(body: string): string {
  const first = /^\{"model" :\t"[^"]*",/
  return first.test(body) ? body.replace(first, '{') : body.replace(/\s*,"model" :\t"[^"]*"/, '')
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
