import { getBedrockModels, getBedrockProfiles, getCreatedAt, models } from '@anthology/catalog'
import {
  describeApplicationProfile,
  findFoundationModel,
  findInferenceProfile,
  listFoundationModels,
  listInferenceProfiles,
  parseBedrockModelId,
} from '@anthology/wire'
import type { AwsPlace, BedrockError, InferenceProfile } from '@anthology/wire'

import { getDay } from '../clock.ts'
import { authenticateReader, mayUseModel } from '../auth/authenticate.ts'
import type { Key } from '../auth/key-ring.ts'
import type { Context } from '../context.ts'
import { ApiError, errors } from '../errors.ts'
import type { ClientExchange } from '../http/client-exchange.ts'
import { sendBytes } from '../http/respond.ts'
import type { BedrockCatalogPath } from '../http/route.ts'

/**
 * Serves `/inference-profiles` and `/foundation-models` of Bedrock's control plane,
 * which clients request from the same base URL as their calls. Lists only the
 * models that the key may use.
 */
export function serveBedrockCatalog(
  context: Context,
  path: BedrockCatalogPath,
  { id, request, response }: ClientExchange,
): void {
  const key = authenticateReader(context, request)
  const own = models.filter((model) => mayUseModel(key, model))
  const query = (request.url ?? '').split('?')[1] ?? ''
  const place = findPlace(request.headers.authorization)
  const day = getDay(context.nowMs())
  const headers = { 'content-type': 'application/json', 'x-amzn-requestid': id }
  const answer = (value: unknown): void =>
    sendBytes(response, 200, headers, Buffer.from(JSON.stringify(value)))

  switch (path.operation) {
    case 'list_profiles': {
      const page = listInferenceProfiles(getBedrockProfiles(own), query, place)
      if (!page.ok) throw toApiError(page)
      return answer(page.body)
    }
    case 'get_profile': {
      const mapped = findMappedProfile(context, key, path.profileId)
      if (mapped !== null) return answer(mapped)
      const found = findInferenceProfile(getBedrockProfiles(own), path.profileId, place)
      if (!found.ok) throw toApiError(found)
      return answer(found.body)
    }
    case 'list_models':
      return answer(listFoundationModels(getBedrockModels(own, day), query, place.region))
    case 'get_model': {
      const found = findFoundationModel(getBedrockModels(own, day), path.modelSegment, place.region)
      if (!found.ok) throw toApiError(found)
      return answer(found.body)
    }
  }
}

/** Finds an application inference profile by an alias of the configuration: Claude Code asks for its model. */
function findMappedProfile({ resolveModel }: Context, key: Key, segment: string): InferenceProfile | null {
  const parsed = parseBedrockModelId(segment)
  if (!parsed.ok || parsed.id.arn === null) return null
  const found = resolveModel(parsed.id.text)
  if (!found.ok || found.as !== 'own_alias') return null
  const { model } = found
  const modelId = model.platforms.bedrock
  if (modelId === null || (key.models !== null && !key.models.has(model.id))) return null
  const facts = { name: model.name, modelId, createdAt: getCreatedAt(model) }
  return describeApplicationProfile(parsed.id.arn, facts)
}

/** The signature's region, or us-east-1; the account id is the example in Amazon's documentation. */
function findPlace(authorization = ''): AwsPlace {
  const [, region = 'us-east-1'] = /\bCredential=[^/]+\/\d{8}\/([a-z0-9-]+)\//.exec(authorization) ?? []
  return { region, account: '123456789012' }
}

function toApiError({ type, message }: BedrockError): ApiError {
  const code = type === 'ResourceNotFoundException' ? 'unknown_resource' : 'bad_request'
  return new ApiError(code, message, { ...errors[code], exception: type })
}
