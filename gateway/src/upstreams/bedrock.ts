import { crc32 } from 'node:zlib'

import {
  createInvokeStreamDecoder,
  editsToInvoke,
  encodeInvokeSse,
  joinBytes,
  newerVersion,
  parseBedrockError,
  parseJson,
} from '@anthology/wire'
import type { Receiver } from '@anthology/wire'

import { combinePatches } from './adapter.ts'
import type { OutgoingCall, PlatformAdapter, PlatformRequest } from './adapter.ts'
import { nameModel } from './anthropic.ts'
import { selectBetas } from './beta-policy.ts'
import { convertWhole, createCloudReceiver } from './cloud-answer.ts'
import type { CloudAnswer, CloudReceiverOptions } from './cloud-answer.ts'

/**
 * InvokeModel and its stream ("Anthropic Claude Messages API" and "InvokeModelWithResponseStream" of the Amazon Bedrock
 * guide). The body keeps its bytes but for four members; the stream's events come back to SSE with theirs.
 */
export const bedrockAdapter: PlatformAdapter = {
  createRequest: (call) => (call.countsTokens ? createCount(call) : createInvocation(call)),
  createReceiver: (inner, { countsTokens, stream }) => {
    if (countsTokens) return receive(inner, convertWhole(toTokenCount))
    if (!stream) return receive(inner, undefined)
    return receive(inner, decodeStream(), 'text/event-stream; charset=utf-8')
  },
}

/** The Messages endpoint of bedrock-runtime and of mantle: the Claude API with Bedrock's names, errors and credentials. */
export const bedrockMessagesAdapter: PlatformAdapter = {
  createRequest: (call) => {
    const { betas, notices } = selectBetas(call.betas, 'bedrock')
    const { 'anthropic-beta': _betas, ...headers } = call.headers
    return {
      path: `/anthropic${call.path}`,
      headers: { ...headers, ...(betas.length > 0 && { 'anthropic-beta': betas.join(',') }) },
      patches: combinePatches(call.patches, nameModel(call)),
      notices,
    }
  },
  createReceiver: (inner) => receive(inner, undefined),
}

function createInvocation(call: OutgoingCall): PlatformRequest {
  const operation = call.stream ? 'invoke-with-response-stream' : 'invoke'
  const { patches, notices } = editBody(call)
  return {
    path: `/model/${encodeURIComponent(call.modelName)}/${operation}`,
    headers: pickHeaders(call),
    patches,
    notices,
  }
}

/** CountTokens takes the body of InvokeModel inside another one ("CountTokens" of the API reference). */
function createCount(call: OutgoingCall): PlatformRequest {
  const { patches, notices } = editBody(call)
  return {
    path: `/model/${encodeURIComponent(call.modelName)}/count-tokens`,
    headers: pickHeaders(call),
    patches,
    notices,
    wrap: (body) =>
      Buffer.from(`{"input":{"invokeModel":{"body":"${Buffer.from(body).toString('base64')}"}}}`),
  }
}

function editBody(call: OutgoingCall): Pick<PlatformRequest, 'patches' | 'notices'> {
  const isNewer = call.headers['anthropic-version'] === newerVersion
  const { betas, notices } = selectBetas(call.betas, 'bedrock')
  const edits = editsToInvoke(call.index, { version: isNewer ? newerVersion : 'bedrock-2023-05-31', betas })
  return { patches: combinePatches(call.patches, edits), notices }
}

/** Version and betas are members of the body here; ids of clients mean nothing to AWS. */
function pickHeaders({ stream }: OutgoingCall): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: stream ? 'application/vnd.amazon.eventstream' : 'application/json',
  }
}

function receive(inner: Receiver, convert: CloudReceiverOptions['convert'], contentType?: string): Receiver {
  return createCloudReceiver(inner, {
    convert,
    readError,
    convertHeaders: ({ 'x-amzn-requestid': requestId, 'content-length': length, ...headers }) => ({
      ...headers,
      ...(requestId !== undefined && { 'request-id': requestId }),
      // A converted answer has another length.
      ...(length !== undefined && convert === undefined && { 'content-length': length }),
      ...(contentType !== undefined && { 'content-type': contentType }),
    }),
  })
}

function readError({ status, headers, body }: CloudAnswer) {
  return parseBedrockError({ status, errorType: headers['x-amzn-errortype'], body })
}

function decodeStream(): CloudReceiverOptions['convert'] {
  const decoder = createInvokeStreamDecoder({ crc32 })
  return {
    push: (bytes) => joinBytes(decoder.push(bytes).map(encodeInvokeSse)),
    end: () => {
      decoder.end()
      return new Uint8Array()
    },
  }
}

/** An answer of another shape stays as it is, and is rejected by its reader. */
function toTokenCount(body: Uint8Array): Uint8Array {
  const answer = parseJson(new TextDecoder().decode(body))
  const tokens =
    typeof answer === 'object' && answer !== null && 'inputTokens' in answer ? answer.inputTokens : null
  return typeof tokens === 'number' ? Buffer.from(JSON.stringify({ input_tokens: tokens })) : body
}
