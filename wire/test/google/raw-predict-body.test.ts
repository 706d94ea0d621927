import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { indexBody } from '../../src/body/body-index.ts'
import type { BodyIndex } from '../../src/body/body-index.ts'
import {
  editsFromRawPredict,
  editsToRawPredict,
  rawPredictMembers,
  readRawPredictBody,
} from '../../src/google/raw-predict-body.ts'
import { applySplices } from '../../src/body/splice.ts'
import { randomJsonText } from '../body/json-text.ts'

describe('reading a body of rawPredict', () => {
  test.each([
    ['vertex-2023-10-16', '2023-06-01'],
    ['2026-10-21', '2026-10-21'],
  ])('%s means the version %s of the Claude API', (version, apiVersion) => {
    expect(read(`{"anthropic_version":"${version}","stream":true}`)).toEqual({
      ok: true,
      version,
      apiVersion,
    })
  })

  test('accepts the first-party name of the older version only with takesOlder', () => {
    const older = read('{"anthropic_version":"2023-06-01"}', { takesOlder: true })
    const odder = read('{"anthropic_version":"2023-01-01"}', { takesOlder: true })

    expect(older).toEqual({ ok: true, version: '2023-06-01', apiVersion: '2023-06-01' })
    expect(odder).toMatchObject({
      ok: false,
      message: 'anthropic_version: "2023-01-01" is not a valid version',
    })
  })

  test('only the body of count-tokens has a model', () => {
    const text = '{"model":"claude-opus-5","anthropic_version":"vertex-2023-10-16"}'

    expect(read(text, { countTokens: true })).toMatchObject({ ok: true })
    expect(read(text)).toEqual({
      ok: false,
      type: 'invalid_request_error',
      message: 'model: Extra inputs are not permitted',
    })
  })

  test.each([
    ['{}', 'anthropic_version: Field required'],
    ['{"anthropic_version":null}', 'anthropic_version: Input should be a valid string'],
    ['{"anthropic_version":"2023-06-01"}', 'anthropic_version: "2023-06-01" is not a valid version'],
    [
      '{"anthropic_version":"bedrock-2023-05-31"}',
      'anthropic_version: "bedrock-2023-05-31" is not a valid version',
    ],
    [`{"anthropic_version":"${'2'.repeat(300)}"}`, 'anthropic_version: Input should be a valid string'],
  ])('rejects %s', (text, message) => {
    expect(read(text)).toEqual({ ok: false, type: 'invalid_request_error', message })
  })
})

describe('the splices', () => {
  test('make a body of the Messages API and keep stream', () => {
    const { bytes, index } = indexed('{"stream": true ,"anthropic_version":"vertex-2023-10-16","a":[ 1.0 ]}')

    expect(decode(applySplices(bytes, index, editsFromRawPredict(index, 'claude-opus-5')))).toBe(
      '{"stream": true,"a":[ 1.0 ],"model":"claude-opus-5"}',
    )
  })

  test('replace Google’s model name with ours for token counting', () => {
    const { bytes, index } = indexed('{"model":"claude-opus-4@20250514","anthropic_version":"2026-10-21"}')

    expect(decode(applySplices(bytes, index, editsFromRawPredict(index, 'claude-opus-4-20250514')))).toBe(
      '{"model":"claude-opus-4-20250514"}',
    )
  })

  test('turn a body of the Messages API into one of rawPredict or count-tokens', () => {
    const { bytes, index } = indexed('{"model":"claude-opus-4-20250514","stream":true}')
    const version = 'vertex-2023-10-16' as const

    expect(decode(applySplices(bytes, index, editsToRawPredict(index, { version })))).toBe(
      '{"stream":true,"anthropic_version":"vertex-2023-10-16"}',
    )
    expect(
      decode(
        applySplices(
          bytes,
          index,
          editsToRawPredict(index, { version, countedModel: 'claude-opus-4@20250514' }),
        ),
      ),
    ).toBe('{"model":"claude-opus-4@20250514","stream":true,"anthropic_version":"vertex-2023-10-16"}')
  })

  test('keep the bytes of every other member through a round trip', () => {
    fc.assert(
      fc.property(randomJsonText, (text) => {
        const { bytes, index } = indexed(text)

        const predict = applySplices(bytes, index, editsToRawPredict(index, { version: '2026-10-21' }))
        const predictIndex = indexed(decode(predict)).index
        const messages = applySplices(predict, predictIndex, editsFromRawPredict(predictIndex, 'm'))

        expect(readRawPredictBody(predict, predictIndex)).toMatchObject({ ok: true })
        expect(ofOthers(messages)).toEqual(ofOthers(bytes))
        expect(JSON.parse(decode(messages))).toMatchObject({ model: 'm' })
      }),
    )
  })
})

const utf8 = new TextEncoder()

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

function indexed(text: string): { bytes: Uint8Array; index: BodyIndex } {
  const bytes = utf8.encode(text)
  const index = indexBody(bytes, rawPredictMembers)
  if (!index.ok) throw new Error(index.message)
  return { bytes, index }
}

function read(text: string, options?: { countTokens?: boolean; takesOlder?: boolean }) {
  const { bytes, index } = indexed(text)
  return readRawPredictBody(bytes, index, options)
}

/** The bytes of every member that no splice touches, in order. */
function ofOthers(bytes: Uint8Array): string[] {
  const { index } = indexed(decode(bytes))
  return index.members
    .filter(({ name }) => !rawPredictMembers.has(name))
    .map(({ keyStart, end }) => decode(bytes.subarray(keyStart, end)))
}
