import { nameOn } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import type { RequestBody } from '../create-request.ts'
import { createChatCompletion } from './chat-completion.ts'
import { createConverse } from './converse.ts'
import type { Members } from '../members.ts'
import type { Translated } from './counterpart.ts'

/** The API that the code calls. */
export type Target = MessagesTarget | 'openai' | 'converse'

/** The APIs that take the body of the Messages API. */
export type MessagesTarget = 'gateway' | 'claude' | 'bedrock' | 'vertex' | 'foundry'

/** A request as the code of every language needs it. */
export interface CodeRequest {
  readonly target: Target
  /** The body of the Messages API, with the name that the target has for the model. */
  readonly body: RequestBody
  readonly betas: readonly string[]
  readonly isStreamed: boolean
  /** The environment variable with the secret. Code never contains a key. */
  readonly secretName: string
  /** The address of the API: without `/v1/messages`, for the targets that have it. */
  readonly baseUrl: string
  readonly region: string
  readonly http: HttpCall
  /** The body in the API's own format, for the targets that have another one than the Messages API. */
  readonly translated: Members
}

export type CodeResult =
  | { readonly ok: true; readonly request: CodeRequest }
  | { readonly ok: false; readonly because: 'not_offered' }
  /** `place` is a part of the request that the target's format has no place for. */
  | { readonly ok: false; readonly because: 'no_counterpart'; readonly place: string }

/** The same request as plain HTTP. */
export interface HttpCall {
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The header with the secret, and what stands before it. */
  readonly secretHeader: readonly [name: string, prefix: string]
  readonly body: Readonly<Record<string, unknown>>
}

/** Names in the code that the reader replaces. */
const [project, resource, awsRegion] = ['my-project', 'my-resource', 'us-east-1']

const secretNames = {
  gateway: 'ANTHOLOGY_KEY',
  claude: 'ANTHROPIC_API_KEY',
  bedrock: 'AWS_BEARER_TOKEN_BEDROCK',
  vertex: 'GOOGLE_ACCESS_TOKEN',
  foundry: 'ANTHROPIC_FOUNDRY_API_KEY',
  openai: 'ANTHOLOGY_KEY',
  // The SDKs of AWS read this name themselves.
  converse: 'AWS_BEARER_TOKEN_BEDROCK',
} as const satisfies Record<Target, string>

interface CodeOptions {
  readonly target: Target
  readonly model: Model
  readonly body: RequestBody
  readonly betas: readonly string[]
  /** The address of this gateway. */
  readonly gatewayUrl: string
}

/** Describes a request for a target, or says why the target cannot have it. */
export function createCodeRequest(options: CodeOptions): CodeResult {
  const { target, model, body, betas, gatewayUrl } = options
  const region = target === 'vertex' ? findVertexRegion(model) : awsRegion
  const name = findName(target, model, region)
  if (name === null) return { ok: false, because: 'not_offered' }
  const named: RequestBody = { ...body, model: name }
  const translated = translate(target, named, betas)
  if (!translated.ok) return { ok: false, because: 'no_counterpart', place: translated.place }
  const isStreamed = body['stream'] === true
  const baseUrl = {
    gateway: gatewayUrl,
    openai: `${gatewayUrl}/v1`,
    converse: gatewayUrl,
    claude: 'https://api.anthropic.com',
    foundry: `https://${resource}.services.ai.azure.com/anthropic`,
    bedrock: `https://bedrock-runtime.${region}.amazonaws.com`,
    vertex:
      region === 'global'
        ? 'https://aiplatform.googleapis.com'
        : `https://${region}-aiplatform.googleapis.com`,
  }[target]
  const parts = { target, body: named, betas, isStreamed, baseUrl, region, translated: translated.body }
  return { ok: true, request: { ...parts, secretName: secretNames[target], http: createHttpCall(parts) } }
}

function translate(target: Target, body: RequestBody, betas: readonly string[]): Translated {
  if (target === 'openai') return createChatCompletion(body)
  return target === 'converse' ? createConverse(body, betas) : { ok: true, body }
}

/** The gateway takes any name of a model, so on its Bedrock endpoint a model needs no name of Bedrock. */
function findName(target: Target, model: Model, region: string): string | null {
  if (target === 'gateway' || target === 'openai') return model.id
  if (target === 'converse') return nameOn(model, 'bedrock', { region }) ?? model.id
  return nameOn(model, target === 'claude' ? 'anthropic' : target, { region })
}

function findVertexRegion(model: Model): string {
  return nameOn(model, 'vertex', { region: 'global' }) === null ? 'us-east5' : 'global'
}

function createHttpCall(parts: Omit<CodeRequest, 'http' | 'secretName'>): HttpCall {
  const { target, body, betas, isStreamed, baseUrl, region, translated } = parts
  const { model, stream: _stream, ...rest } = body
  const json = ['content-type', 'application/json'] as const
  const beta = betas.length > 0 ? [['anthropic-beta', betas.join(',')] as const] : []
  switch (target) {
    case 'gateway':
    case 'claude':
    case 'foundry':
      return {
        url: `${baseUrl}/v1/messages`,
        headers: [['anthropic-version', '2023-06-01'], json, ...beta],
        secretHeader: ['x-api-key', ''],
        body,
      }
    case 'openai':
      return {
        url: `${baseUrl}/chat/completions`,
        headers: [json],
        secretHeader: ['authorization', 'Bearer '],
        body: translated,
      }
    case 'converse':
      return {
        url: `${baseUrl}/model/${encodeURIComponent(model)}/${isStreamed ? 'converse-stream' : 'converse'}`,
        headers: [json],
        secretHeader: ['authorization', 'Bearer '],
        body: translated,
      }
    case 'bedrock':
      return {
        url: `${baseUrl}/model/${encodeURIComponent(model)}/${isStreamed ? 'invoke-with-response-stream' : 'invoke'}`,
        headers: [json],
        secretHeader: ['authorization', 'Bearer '],
        body: {
          anthropic_version: 'bedrock-2023-05-31',
          ...(betas.length > 0 && { anthropic_beta: betas }),
          ...rest,
        },
      }
    case 'vertex':
      return {
        url: `${baseUrl}/v1/projects/${project}/locations/${region}/publishers/anthropic/models/${model}:${isStreamed ? 'streamRawPredict' : 'rawPredict'}`,
        headers: [json, ...beta],
        secretHeader: ['authorization', 'Bearer '],
        body: { anthropic_version: 'vertex-2023-10-16', ...rest, ...(isStreamed && { stream: true }) },
      }
  }
}

export const placeholders = { project, resource }
