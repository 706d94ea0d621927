import { getMantleName, hasBedrockTokenCount } from '@anthology/catalog'
import type { Receiver } from '@anthology/wire'

import { combinePatches } from './adapter.ts'
import type { OutgoingCall, PlatformAdapter, PlatformRequest } from './adapter.ts'
import { nameModel } from './anthropic.ts'
import { createCount, receiveCount } from './bedrock.ts'
import { convertBedrockHeaders, readBedrockAnswer } from './bedrock-answer.ts'
import { createCloudReceiver } from './cloud-answer.ts'

/**
 * The Messages endpoint of bedrock-runtime ("Inference using the Messages API" of the Amazon Bedrock guide): the Claude
 * API with Bedrock's names and credentials. It counts tokens by the runtime's own operation, which has the same host.
 */
export const bedrockMessagesAdapter: PlatformAdapter = {
  hasTokenCount: hasBedrockTokenCount,
  createRequest: (call) => (call.countsTokens ? createCount(call) : createMessagesRequest(call)),
  createReceiver: (inner, { countsTokens }) => (countsTokens ? receiveCount(inner) : receiveMessages(inner)),
}

/** The Messages endpoint with a host and names of its own, bedrock-mantle ("Claude in Amazon Bedrock"). */
export const mantleAdapter: PlatformAdapter = {
  nameModel: getMantleName,
  createRequest: createMessagesRequest,
  createReceiver: receiveMessages,
}

function createMessagesRequest(call: OutgoingCall): PlatformRequest {
  return {
    path: `/anthropic${call.path}`,
    headers: call.headers,
    patches: combinePatches(call.patches, nameModel(call)),
  }
}

function receiveMessages(inner: Receiver): Receiver {
  return createCloudReceiver(inner, { readError: readBedrockAnswer, convertHeaders: convertBedrockHeaders })
}
