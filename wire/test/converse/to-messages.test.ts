import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { translateCountTokens } from '../../src/converse/count-tokens.ts'
import { parseExactJson } from '../../src/converse/exact-json.ts'
import { converseToMessages } from '../../src/converse/to-messages.ts'

const options = { model: 'claude-opus-4-8', defaultMaxTokens: 100 }
const hi = { role: 'user', content: [{ text: 'Hi' }] }
const document = (name: string) => ({ document: { name, format: 'txt', source: { bytes: 'SGk=' } } })
const toolConfig = { tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }] }

test('a document name with two consecutive spaces is invalid', () => {
  const given = body({ messages: [{ role: 'user', content: [document('a  b')] }] })

  expect(converseToMessages(given, options)).toMatchObject({
    ok: false,
    problem: { message: expect.stringContaining('more than one consecutive whitespace') },
  })
})

test('results without calls also require tools', () => {
  const given = body({
    messages: [{ role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [{ text: 'b' }] } }] }],
  })
  const noTools = {
    ok: false,
    problem: { message: expect.stringContaining('toolConfig field must be defined') },
  }

  expect(converseToMessages(given, options)).toMatchObject(noTools)
  expect(translateCountTokens(given, options)).toMatchObject(noTools)
})

test('a system turn may stand between a call and its result', () => {
  const given = body({
    messages: [
      hi,
      { role: 'assistant', content: [{ toolUse: { toolUseId: 'a', name: 'f', input: {} } }] },
      { role: 'system', content: [{ text: 'Hurry.' }] },
      { role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [{ text: 'b' }] } }] },
    ],
    toolConfig,
  })

  expect(converseToMessages(given, options)).toMatchObject({ ok: true })
})

test('the text of a document keeps every byte, including a byte order mark', () => {
  const bytes = btoa(String.fromCharCode(0xef, 0xbb, 0xbf, 0xc3, 0xa4, 13, 10))
  const given = body({
    messages: [{ role: 'user', content: [{ document: { name: 'a', format: 'csv', source: { bytes } } }] }],
  })
  const result = converseToMessages(given, options)

  expect(JSON.stringify(result)).toContain(JSON.stringify('\uFEFFä\r\n'))
})

test('the type of a changed tool is inferred from its members if absent', () => {
  const tools = [{ name: 'f' }, { name: 'f', serverName: 's' }, { serverName: 's' }]
  const given = body({
    messages: [hi, { role: 'system', content: tools.map((tool) => ({ toolRemoval: { tool } })) }],
  })
  const result = converseToMessages(given, options)

  const content = [
    { type: 'tool_reference', name: 'f' },
    { type: 'mcp_tool_reference', name: 'f', server_name: 's' },
    { type: 'mcp_toolset_reference', server_name: 's' },
  ].map((tool) => ({ type: 'tool_removal', tool }))
  expect(result).toMatchObject({ ok: true, body: { messages: [{}, { role: 'system', content }] } })
})

test('null counts as absent', () => {
  const result = converseToMessages(
    body({ system: null, toolConfig: null, inferenceConfig: { maxTokens: null, topP: 0.5 } }),
    options,
  )

  expect(result).toMatchObject({ ok: true, body: { max_tokens: 100, top_p: 0.5 }, notices: [] })
})

test('additional tools follow those of toolConfig', () => {
  const bash = { type: 'bash_20250124', name: 'bash' }
  const result = converseToMessages(
    body({ toolConfig, additionalModelRequestFields: { tools: [bash] } }),
    options,
  )

  expect(result).toMatchObject({
    ok: true,
    body: { tools: [{ name: 'f', input_schema: { type: 'object' } }, bash] },
  })
})

test('max_tokens among the additional fields is used', () => {
  expect(
    converseToMessages(body({ additionalModelRequestFields: { max_tokens: 9 } }), options),
  ).toMatchObject({
    ok: true,
    body: { max_tokens: 9 },
  })
})

test('unknown members are named one by one, up to a maximum', () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`x${index}`.repeat(80), 1]))
  const result = converseToMessages(body(many), options)

  expect(result.ok && result.notices).toHaveLength(20)
  expect(result.ok && Math.max(...result.notices.map((text) => text.length))).toBeLessThan(200)
})

test('the settings beside the conversation are kept', () => {
  const result = converseToMessages(
    body({
      serviceTier: { type: 'priority' },
      additionalModelResponseFieldPaths: ['/stop_sequence'],
    }),
    { ...options, stream: true },
  )

  expect(result).toMatchObject({
    ok: true,
    body: { stream: true },
    // The default tier is used, whichever the request names.
    serviceTier: 'default',
    responsePaths: ['/stop_sequence'],
  })
})

test.each<[string, object, string]>([
  [
    'six documents',
    {
      messages: [{ role: 'user', content: [...['a', 'b', 'c', 'd', 'e', 'f'].map(document), ...hi.content] }],
    },
    'Bedrock takes at most 5 documents in a request',
  ],
  [
    'a document of more than 4.5 MB',
    { messages: [{ role: 'user', content: [...hi.content, bigDocument('txt', 4_718_593)] }] },
    'Bedrock takes at most 4.5 MB of a document that is not a PDF',
  ],
  [
    'a document in a turn without a text',
    { messages: [hi, { role: 'user', content: [document('a')] }] },
    'Bedrock takes a document only beside a text',
  ],
])('a notice reports that Bedrock would reject %s', (_, given, notice) => {
  expect(converseToMessages(given, options)).toMatchObject({ ok: true, notices: [notice] })
  const counted = translateCountTokens(given, options)
  expect(counted).toMatchObject({ ok: true, notices: [notice] })
})

test('five documents of the maximum size beside a text cause no notice', () => {
  const documents = ['a', 'b', 'c'].map(document)
  const large = [bigDocument('md', 4_718_592), bigDocument('pdf', 9_000_000)]
  const given = { messages: [{ role: 'user', content: [...documents, ...large, ...hi.content] }] }

  expect(converseToMessages(given, options)).toMatchObject({ ok: true, notices: [] })
})

test.each([
  [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
  [{ tools: [{ type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' }] }],
  [{ mcp_servers: [] }],
])('for a stream, a notice reports in advance that server tool blocks are omitted: %j', (fields) => {
  const given = body({ additionalModelRequestFields: fields })
  const notice = 'Converse has no blocks for tools of the server; they are left out of the answer'

  expect(converseToMessages(given, { ...options, stream: true })).toMatchObject({ notices: [notice] })
  // A whole response names the blocks that were really omitted.
  expect(converseToMessages(given, options)).toMatchObject({ notices: [] })
  const ownTools = body({
    additionalModelRequestFields: { tools: [{ type: 'bash_20250124', name: 'bash' }] },
  })
  expect(converseToMessages(ownTools, { ...options, stream: true })).toMatchObject({ notices: [] })
})

test('a number with more digits than a double is accepted as a number, and rejected for other types', () => {
  const read = (text: string) => converseToMessages(parseExactJson(text), options)
  const turns = JSON.stringify([hi])

  expect(
    read(`{"messages":${turns},"inferenceConfig":{"temperature":0.69999999999999996,"maxTokens":1e1}}`),
  ).toMatchObject({
    ok: true,
    body: { temperature: 0.7, max_tokens: 10 },
  })
  expect(read(`{"messages":${turns},"inferenceConfig":{"maxTokens":1e400}}`)).toEqual({
    ok: false,
    problem: { type: 'SerializationException', message: 'NUMBER_VALUE can not be converted to an Integer' },
  })
  expect(read('{"messages":[{"role":12345678901234567890,"content":[]}]}')).toEqual({
    ok: false,
    problem: { type: 'SerializationException', message: 'NUMBER_VALUE can not be converted to a String' },
  })
})

test('a body that is not JSON is rejected as such', () => {
  expect(converseToMessages(undefined, options)).toEqual({
    ok: false,
    problem: { type: 'SerializationException', message: 'The request body is not valid JSON.' },
  })
})

test('any JSON is translated or rejected with a message', () => {
  const names = [
    'messages',
    'role',
    'content',
    'user',
    'text',
    'image',
    'document',
    'format',
    'name',
    'source',
    'bytes',
    'toolUse',
    'toolResult',
    'toolUseId',
    'input',
    'json',
    'reasoningContent',
    'reasoningText',
    'signature',
    'cachePoint',
    'type',
    'default',
    'system',
    'toolConfig',
    'tools',
    'toolSpec',
    'inputSchema',
    'citationsContent',
    'citations',
    'location',
    'additionalModelRequestFields',
    'outputConfig',
    '__proto__',
    'converse',
    'invokeModel',
    'toolAddition',
    'tool',
  ] as const
  const { any } = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>(null, 1, true, '', 'SGk=', ...names),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('any'), { maxKeys: 5 }),
    ),
  }))
  fc.assert(
    fc.property(any, fc.array(any), (given, content) => {
      const bodies = [
        given,
        { messages: [{ role: 'user', content }] },
        body({ toolConfig: given, system: content }),
      ]
      for (const each of bodies) {
        const result = converseToMessages(each, options)
        if (!result.ok) expect(result.problem.message).toMatch(/^.+$/)
        else expect(result.body['messages']).toHaveLength(1)
        expect(typeof translateCountTokens(each, options).ok).toBe('boolean')
      }
    }),
    { numRuns: 500 },
  )
})

function body(more: object): object {
  return { messages: [hi], ...more }
}

function bigDocument(format: string, bytes: number) {
  const encoded = Buffer.alloc(bytes, 'a').toString('base64')
  return { document: { name: `big ${format}`, format, source: { bytes: encoded } } }
}
