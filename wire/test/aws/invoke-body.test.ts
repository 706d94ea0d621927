import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cloudBetas, firstPartyBetas } from '../../src/aws/beta-names.ts'
import { editsToInvoke, editsToMessages, invokeMembers, readInvokeBody } from '../../src/aws/invoke-body.ts'
import { indexBody } from '../../src/body/body-index.ts'
import type { BodyIndex } from '../../src/body/body-index.ts'
import { applySplices } from '../../src/body/splice.ts'
import { randomJsonText } from '../body/json-text.ts'

describe('reading a body of InvokeModel', () => {
  test('returns the version, its equivalent on the Claude API, and the betas', () => {
    const text =
      '{"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["interleaved-thinking-2025-05-14","x"],"max_tokens":1}'

    expect(read(text)).toEqual({
      ok: true,
      version: 'bedrock-2023-05-31',
      apiVersion: '2023-06-01',
      betas: ['interleaved-thinking-2025-05-14', 'x'],
    })
  })

  test('accepts the version that has the same name on the Claude API', () => {
    expect(read('{"anthropic_version":"2026-10-21","anthropic_beta":null}')).toEqual({
      ok: true,
      version: '2026-10-21',
      apiVersion: '2026-10-21',
      betas: [],
    })
  })

  test('accepts the first-party name of the older version only with takesOlder', () => {
    const older = read('{"anthropic_version":"2023-06-01"}', { takesOlder: true })
    const odder = read('{"anthropic_version":"2023-01-01"}', { takesOlder: true })

    expect(older).toEqual({ ok: true, version: '2023-06-01', apiVersion: '2023-06-01', betas: [] })
    expect(odder).toMatchObject({ ok: false, message: 'Invalid API version: 2023-01-01' })
  })

  test.each([
    [
      'no version',
      '{"max_tokens":1}',
      'Malformed input request: #: required key [anthropic_version] not found, please reformat your input and try again.',
    ],
    ['a model', '{"model":"m","anthropic_version":"2026-10-21"}', 'model: Extra inputs are not permitted'],
    ['stream', '{"anthropic_version":"2026-10-21","stream":true}', 'stream: Extra inputs are not permitted'],
    ['a version of the Claude API', '{"anthropic_version":"2023-06-01"}', 'Invalid API version: 2023-06-01'],
    [
      'a version of Google Cloud',
      '{"anthropic_version":"vertex-2023-10-16"}',
      'Invalid API version: vertex-2023-10-16',
    ],
    [
      'a version that is not a string',
      '{"anthropic_version":2}',
      'anthropic_version: Input should be a valid string',
    ],
    [
      'betas that are not a list',
      '{"anthropic_version":"2026-10-21","anthropic_beta":"a,b"}',
      'anthropic_beta: Input should be a valid list',
    ],
    [
      'a beta that is not a string',
      '{"anthropic_version":"2026-10-21","anthropic_beta":["a",1]}',
      'anthropic_beta.1: Input should be a valid string',
    ],
    [
      'an oversized list of betas',
      `{"anthropic_version":"2026-10-21","anthropic_beta":["${'a'.repeat(70_000)}"]}`,
      'anthropic_beta: Input should be a valid list',
    ],
  ])('rejects %s', (_, text, message) => {
    expect(read(text)).toEqual({ ok: false, type: 'ValidationException', message })
  })
})

describe('the splices', () => {
  test('make a body of the Messages API and only remove their members and the comma before each', () => {
    const { bytes, index } = indexed(
      '{ "anthropic_version" : "bedrock-2023-05-31",\n "messages":[{"signature":"a\\/b\\u003d"} ] , "anthropic_beta":["x"], "max_tokens":1e2 }\n',
    )

    const streamed = applySplices(bytes, index, editsToMessages({ model: 'claude-opus-5', stream: true }))
    const plain = applySplices(bytes, index, editsToMessages({ model: 'claude-opus-5', stream: false }))

    expect(decode(streamed)).toBe(
      '{ "messages":[{"signature":"a\\/b\\u003d"} ], "max_tokens":1e2,"model":"claude-opus-5","stream":true }\n',
    )
    expect(decode(plain)).toBe(
      '{ "messages":[{"signature":"a\\/b\\u003d"} ], "max_tokens":1e2,"model":"claude-opus-5" }\n',
    )
  })

  test('turn a body of the Messages API into one of InvokeModel', () => {
    const { bytes, index } = indexed('{"model":"claude-opus-5","max_tokens":1,"stream":true}')

    const plain = applySplices(
      bytes,
      index,
      editsToInvoke(index, { version: 'bedrock-2023-05-31', betas: [] }),
    )
    const beta = applySplices(
      bytes,
      index,
      editsToInvoke(index, { version: '2026-10-21', betas: ['a', 'b'] }),
    )

    expect(decode(plain)).toBe('{"max_tokens":1,"anthropic_version":"bedrock-2023-05-31"}')
    expect(decode(beta)).toBe('{"max_tokens":1,"anthropic_version":"2026-10-21","anthropic_beta":["a","b"]}')
  })

  test('replace existing members', () => {
    const { bytes, index } = indexed('{"anthropic_version":"2026-10-21","anthropic_beta":["a"]}')

    const other = applySplices(
      bytes,
      index,
      editsToInvoke(index, { version: 'bedrock-2023-05-31', betas: ['b'] }),
    )
    const none = applySplices(bytes, index, editsToInvoke(index, { version: '2026-10-21', betas: [] }))

    expect(decode(other)).toBe('{"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["b"]}')
    expect(decode(none)).toBe('{"anthropic_version":"2026-10-21"}')
  })

  test('keep the bytes of every other member through a round trip', () => {
    fc.assert(
      fc.property(randomJsonText, fc.boolean(), (text, stream) => {
        const bytes = utf8.encode(text)
        const index = indexBody(bytes, invokeMembers)
        if (!index.ok) throw new Error(index.message)
        const version = 'bedrock-2023-05-31' as const

        const invoke = applySplices(bytes, index, editsToInvoke(index, { version, betas: ['x'] }))
        const invokeIndex = indexed(decode(invoke)).index
        const messages = applySplices(invoke, invokeIndex, editsToMessages({ model: 'm', stream }))

        expect(readInvokeBody(invoke, invokeIndex)).toMatchObject({ ok: true, version, betas: ['x'] })
        expect(ofOthers(messages)).toEqual(ofOthers(bytes))
        expect(JSON.parse(decode(messages))).toMatchObject({ model: 'm', ...(stream && { stream }) })
      }),
    )
  })
})

describe('the names of betas', () => {
  test('follow the platform and are never repeated', () => {
    const ours = ['effort-2025-11-24', 'advanced-tool-use-2025-11-20', 'tool-search-tool-2025-10-19']

    expect(cloudBetas(ours)).toEqual(['effort-2025-11-24', 'tool-search-tool-2025-10-19'])
    expect(firstPartyBetas(['tool-search-tool-2025-10-19', 'tool-examples-2025-10-29', 'x'])).toEqual([
      'advanced-tool-use-2025-11-20',
      'x',
    ])
  })
})

const utf8 = new TextEncoder()

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

function indexed(text: string): { bytes: Uint8Array; index: BodyIndex } {
  const bytes = utf8.encode(text)
  const index = indexBody(bytes, invokeMembers)
  if (!index.ok) throw new Error(index.message)
  return { bytes, index }
}

function read(text: string, options?: { takesOlder: boolean }) {
  const { bytes, index } = indexed(text)
  return readInvokeBody(bytes, index, options)
}

/** The bytes of every member that no splice touches, in order. */
function ofOthers(bytes: Uint8Array): string[] {
  const index = indexBody(bytes, invokeMembers)
  if (!index.ok) throw new Error(index.message)
  return index.members
    .filter(({ name }) => !invokeMembers.has(name))
    .map(({ keyStart, end }) => decode(bytes.subarray(keyStart, end)))
}
