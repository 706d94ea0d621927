/** A path of Bedrock's runtime or control plane; `prefix` is the part before it, such as `/bedrock`. */
export type BedrockPath =
  | {
      readonly operation: ModelOperation
      readonly prefix: string
      /** The raw path segment, for `parseBedrockModelId`. */
      readonly modelId: string
    }
  | { readonly operation: 'list_profiles' | 'list_models'; readonly prefix: string }
  | { readonly operation: 'get_profile'; readonly prefix: string; readonly profileId: string }
  /** The raw path segment again; a control plane path is recognized by the lack of `modelId`. */
  | { readonly operation: 'get_model'; readonly prefix: string; readonly modelSegment: string }

export type ModelOperation = 'invoke' | 'invoke_stream' | 'converse' | 'converse_stream' | 'count_tokens'

/**
 * The path segments after `/model/{modelId}/`, all with POST, from the operations of the Amazon Bedrock API
 * reference.
 */
const modelOperations: ReadonlyMap<string, ModelOperation> = new Map([
  ['invoke', 'invoke'],
  ['invoke-with-response-stream', 'invoke_stream'],
  ['converse', 'converse'],
  ['converse-stream', 'converse_stream'],
  ['count-tokens', 'count_tokens'],
])

/**
 * Finds the operation in a raw path without its query, behind any prefix; null for any other path. An ARN is
 * one segment with encoded slashes, so the path must be split before it is decoded.
 */
export function parseBedrockPath(rawPath: string): BedrockPath | null {
  const segments = rawPath.split('/')
  const last = segments.at(-1) ?? ''
  const operation = modelOperations.get(last)
  const modelId = segments.at(-2)
  if (operation !== undefined && segments.at(-3) === 'model' && modelId !== undefined && modelId !== '')
    return { operation, prefix: before(segments, 3), modelId }
  if (last === 'inference-profiles') return { operation: 'list_profiles', prefix: before(segments, 1) }
  if (last === 'foundation-models') return { operation: 'list_models', prefix: before(segments, 1) }
  if (segments.at(-2) === 'inference-profiles' && last !== '')
    return { operation: 'get_profile', prefix: before(segments, 2), profileId: last }
  if (segments.at(-2) === 'foundation-models' && last !== '')
    return { operation: 'get_model', prefix: before(segments, 2), modelSegment: last }
  return null
}

/**
 * True if a raw path without its query names an operation on a model, including operations that are not
 * supported here.
 */
export function isBedrockModelPath(rawPath: string): boolean {
  const segments = rawPath.split('/')
  return segments.at(-3) === 'model' && segments.at(-2) !== '' && segments.at(-1) !== ''
}

/**
 * True if a request without a route of its own is for Bedrock: by a segment of its raw path without the query, by a header
 * that only AWS's SDKs send, or by its signature.
 */
export function isBedrockRequest(
  rawPath: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): boolean {
  return (
    isBedrockModelPath(rawPath) ||
    headers['amz-sdk-invocation-id'] !== undefined ||
    signedForBedrock.test(String(headers['authorization'])) ||
    rawPath.split('/').some((segment) => controlSegments.has(segment))
  )
}

const signedForBedrock = /^AWS4-[^,]*\/bedrock\/aws4_request\b/

/** The first segments of the paths of the control plane (Amazon Bedrock API reference, "Actions", 2026). */
const controlSegments: ReadonlySet<string> = new Set([
  'async-invoke',
  'automated-reasoning-policies',
  'create-foundation-model-agreement',
  'custom-model-deployments',
  'custom-models',
  'delete-foundation-model-agreement',
  'evaluation-jobs',
  'foundation-model-availability',
  'foundation-models',
  'guardrail',
  'guardrails',
  'imported-models',
  'inference-profiles',
  'list-foundation-model-agreement-offers',
  'listTagsForResource',
  'marketplace-model',
  'model-copy-jobs',
  'model-customization-jobs',
  'model-import-jobs',
  'model-invocation-job',
  'model-invocation-jobs',
  'modelinvocations',
  'prompt-routers',
  'provisioned-model-throughput',
  'provisioned-model-throughputs',
  'tagResource',
  'untagResource',
  'use-case-for-model-access',
])

function before(segments: readonly string[], count: number): string {
  return segments.slice(0, -count).join('/')
}
