import { isRecord, parseJson } from '../body/json-value.ts'
import type { JsonObject } from '../body/json-value.ts'
import { decodeBase64 } from './base64.ts'
import type { FromBase64 } from './base64.ts'
import { bedrockTexts } from './bedrock-text.ts'

export type CountTokensRequest =
  /** The bytes of an InvokeModel body, decoded from base64. */
  | { readonly ok: true; readonly kind: 'invokeModel'; readonly body: Uint8Array }
  /** The part of a Converse request that is counted. */
  | { readonly ok: true; readonly kind: 'converse'; readonly converse: JsonObject }
  | { readonly ok: false; readonly type: 'ValidationException'; readonly message: string }

/**
 * Parses the body of CountTokens ("CountTokens" of the Amazon Bedrock API reference): a union with exactly
 * one member. The error texts are inferred from other unions of AWS. `decode` may be faster than the default.
 */
export function parseCountTokens(bytes: Uint8Array, decode: FromBase64 = decodeBase64): CountTokensRequest {
  const body = parseJson(text.decode(bytes))
  if (!isRecord(body)) return fail('The request body is not a valid JSON object.')
  if (body.input === undefined || body.input === null) return fail(bedrockTexts.missingMember('input'))
  const input = isRecord(body.input) ? body.input : {}
  const set = Object.keys(input).filter((name) => input[name] !== undefined && input[name] !== null)
  if (set.length !== 1) return fail('input: exactly one of invokeModel and converse must be set')
  if (isRecord(input.converse)) return { ok: true, kind: 'converse', converse: input.converse }
  if (!isRecord(input.invokeModel)) return fail('input: one of invokeModel and converse must be an object')

  const encoded = input.invokeModel.body
  const invoke = typeof encoded === 'string' ? decode(encoded) : null
  if (invoke === null) return fail('input.invokeModel.body: Input should be valid base64')
  return { ok: true, kind: 'invokeModel', body: invoke }
}

/** Encodes the response. */
export function encodeCountTokens(inputTokens: number): Uint8Array {
  return utf8.encode(JSON.stringify({ inputTokens }))
}

const text = new TextDecoder()
const utf8 = new TextEncoder()

function fail(message: string): CountTokensRequest {
  return { ok: false, type: 'ValidationException', message }
}
