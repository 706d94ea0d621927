import { crc32 } from 'node:zlib'

import { hasBedrockTokenCount, takesVersion2026OnBedrock } from '@anthology/catalog'
import {
  createInvokeSseDecoder,
  editsToInvoke,
  eventStreamType,
  newerVersion,
  parseBedrockModelId,
  parseJson,
  parseMember,
  readRecord,
} from '@anthology/wire'
import type { Patch, Receiver, WriteBase64 } from '@anthology/wire'

import { combinePatches, describeReplaced } from './adapter.ts'
import type { OutgoingCall, PlatformAdapter, PlatformRequest } from './adapter.ts'
import { convertBedrockHeaders, hideAccount, readBedrockAnswer } from './bedrock-answer.ts'
import { convertWhole, createCloudReceiver } from './cloud-answer.ts'
import type { Conversion } from './cloud-answer.ts'

/**
 * InvokeModel and its stream ("Anthropic Claude Messages API" and "InvokeModelWithResponseStream" of the Amazon Bedrock
 * guide). The body keeps its bytes but for four members; the stream's events come back to SSE with theirs.
 */
export const bedrockAdapter: PlatformAdapter = {
  hasTokenCount: hasBedrockTokenCount,
  createRequest: (call) => (call.countsTokens ? createCount(call) : createInvocation(call)),
  createReceiver: (inner, { countsTokens, stream }) => {
    if (countsTokens) return receiveCount(inner)
    return receiveAnswer(inner, stream)
  },
}

function createInvocation(call: OutgoingCall): PlatformRequest {
  const operation = call.stream ? 'invoke-with-response-stream' : 'invoke'
  return {
    path: `/model/${encodeURIComponent(call.modelName)}/${operation}`,
    headers: pickHeaders(call),
    patches: combinePatches(call.patches, editMembers(call)),
    notices: [
      ...describeLostHeaders(call),
      ...describeReplaced(call, ['anthropic_version', 'anthropic_beta']),
    ],
  }
}

/**
 * CountTokens takes the body of InvokeModel inside another one, for the model itself and not for its profiles
 * ("CountTokens" of the API reference). The body must be a whole request.
 */
export function createCount(call: OutgoingCall): PlatformRequest {
  // A client of Bedrock sends a whole request, which need not be shortened here.
  const patches = call.patches.filter(({ splice }) => splice !== 'count_tokens')
  return {
    path: `/model/${encodeURIComponent(toFoundationModel(call.modelName))}/count-tokens`,
    headers: pickHeaders(call),
    patches: combinePatches(patches, [...editMembers(call), ...addMaxTokens(call)]),
    notices: [
      ...describeLostHeaders(call),
      ...describeReplaced(call, ['anthropic_version', 'anthropic_beta']),
    ],
    wrap: (body) =>
      Buffer.from(`{"input":{"invokeModel":{"body":"${Buffer.from(body).toString('base64')}"}}}`),
  }
}

export function receiveCount(inner: Receiver): Receiver {
  return createCloudReceiver(inner, {
    chooseConversion: () => convertWhole(toTokenCount),
    readError: readBedrockAnswer,
    // A converted answer has another length.
    convertHeaders: (headers) => withoutLength(convertBedrockHeaders(headers)),
  })
}

function toFoundationModel(modelName: string): string {
  const parsed = parseBedrockModelId(encodeURIComponent(modelName))
  if (!parsed.ok || parsed.id.profile === null) return modelName
  const { text, profile, arn } = parsed.id
  return (arn?.resourceId ?? text).slice(profile.length + 1)
}

/** The smallest limit above the budget of the thinking, which the operation checks. */
function addMaxTokens({ body, index }: OutgoingCall): readonly Patch[] {
  if (index.get('max_tokens') !== undefined) return []
  const member = index.get('thinking')
  const thinking = member === undefined ? null : parseMember(body, member)
  const budget = readRecord({ thinking }, 'thinking')?.['budget_tokens']
  const value = typeof budget === 'number' && Number.isSafeInteger(budget) ? Math.max(budget, 0) + 1 : 1
  return [{ splice: 'counted_max_tokens', kind: 'add', member: 'max_tokens', value }]
}

function editMembers({ index, headers, betas, model }: OutgoingCall): readonly Patch[] {
  const isNewer = headers['anthropic-version'] === newerVersion && takesVersion2026OnBedrock(model)
  return editsToInvoke(index, { version: isNewer ? newerVersion : 'bedrock-2023-05-31', betas })
}

/** Version and betas are members of the body here; ids of clients mean nothing to AWS. */
function pickHeaders({ stream }: OutgoingCall): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: stream ? eventStreamType : 'application/json',
  }
}

/** The runtime reads no header of the Messages API, and some of them change a call. */
function describeLostHeaders({ headers }: OutgoingCall): readonly string[] {
  return Object.keys(headers)
    .filter((name) => name.startsWith('anthropic-') && !replacedHeaders.has(name))
    .map((name) => `bedrock does not accept the header ${name}, which was left out`)
}

/** Members of the body here; the last one concerns browsers only. */
const replacedHeaders: ReadonlySet<string> = new Set([
  'anthropic-version',
  'anthropic-beta',
  'anthropic-dangerous-direct-browser-access',
])

/**
 * The content-type tells the form of an answer, because a proxy, or another service under the same address, may answer
 * in a form that was not asked for.
 */
function receiveAnswer(inner: Receiver, stream: boolean): Receiver {
  const isStream = ({ 'content-type': type = '' }: Readonly<Record<string, string>>): boolean =>
    stream ? !wholeTypes.test(type) : type.startsWith(eventStreamType)
  return createCloudReceiver(inner, {
    chooseConversion: (headers) => (isStream(headers) ? decodeStream() : undefined),
    readError: readBedrockAnswer,
    convertHeaders: (given) => {
      const headers = convertBedrockHeaders(given)
      if (!isStream(given)) return headers
      return { ...withoutLength(headers), 'content-type': 'text/event-stream; charset=utf-8' }
    },
  })
}

/** The types of JSON and of pages; a stream may also come without a type. */
const wholeTypes = /^(?:application\/(?:[\w.+-]+\+)?json|text\/)/i

function withoutLength({
  'content-length': _length,
  ...headers
}: Readonly<Record<string, string>>): Record<string, string> {
  return headers
}

function decodeStream(): Conversion {
  const decoder = createInvokeSseDecoder({
    crc32,
    decodeBase64,
    writeBase64,
    allocate,
    editMessage: hideAccount,
  })
  return {
    push: (bytes) => decoder.push(bytes),
    end: () => {
      decoder.end()
      return new Uint8Array()
    },
  }
}

/** From Node's pool: with memory of its own for each event, a third of the time went to the garbage collector. */
const allocate = (bytes: number): Buffer => Buffer.allocUnsafe(bytes)

function decodeBase64(ascii: Uint8Array): Uint8Array | null {
  const bytes = allocate(Math.ceil(ascii.length / 4) * 3)
  const length = writeBase64(ascii, { start: 0, end: ascii.length }, bytes, 0)
  return length < 0 ? null : bytes.subarray(0, length)
}

/** Node skips what is not base64; such a text is shorter than its length says. */
const writeBase64: WriteBase64 = (source, { start, end }, target, at) => {
  const size = end - start
  if (size % 4 !== 0) return -1
  const text = toBuffer(source).toString('latin1', start, end)
  const written = toBuffer(target).write(text, at, 'base64')
  const pads = source[end - 1] === pad ? (source[end - 2] === pad ? 2 : 1) : 0
  return written === (size / 4) * 3 - pads ? written : -1
}

/** Most bytes here are a buffer of Node's already. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

const pad = 0x3d

/** An answer of another shape stays as it is, and is rejected by its reader. */
function toTokenCount(body: Uint8Array): Uint8Array {
  const answer = parseJson(new TextDecoder().decode(body))
  const tokens =
    typeof answer === 'object' && answer !== null && 'inputTokens' in answer ? answer.inputTokens : null
  return typeof tokens === 'number' ? Buffer.from(JSON.stringify({ input_tokens: tokens })) : body
}
