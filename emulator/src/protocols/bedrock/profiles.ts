import { getBedrockModels, getBedrockProfiles, getLifecycle } from '@anthology/catalog'
import type { BedrockModel, BedrockProfile, Model } from '@anthology/catalog'
import {
  findFoundationModel,
  findInferenceProfile,
  listFoundationModels,
  listInferenceProfiles,
} from '@anthology/wire'
import type { AwsPlace } from '@anthology/wire'

import type { ServedModels } from '../../api/served-models.ts'
import type { Reply } from '../../http/reply.ts'
import type { Call } from '../../call.ts'
import type { Settings } from '../../options/settings.ts'
import { bedrockErrorReply, bedrockReply } from './reply.ts'

export type ControlCall = Omit<Call, 'apiVersion'>

/** Lists the profiles of all regions, because the emulator serves every region. */
export function listProfiles(call: ControlCall, { servedModels }: Settings): Reply {
  const page = listInferenceProfiles(getProfiles(servedModels), call.query.toString(), readPlace(call))
  return page.ok ? replyJson(call, page.body) : bedrockErrorReply(page, call.head)
}

export function retrieveProfile(call: ControlCall, { servedModels }: Settings): Reply {
  const found = findInferenceProfile(getProfiles(servedModels), call.name, readPlace(call))
  return found.ok ? replyJson(call, found.body) : bedrockErrorReply(found, call.head)
}

export function listBedrockModels(call: ControlCall, { servedModels }: Settings): Reply {
  const models = getModels(servedModels)
  return replyJson(call, listFoundationModels(models, call.query.toString(), readPlace(call).region))
}

export function retrieveBedrockModel(call: ControlCall, { servedModels }: Settings): Reply {
  const found = findFoundationModel(getModels(servedModels), call.name, readPlace(call).region)
  return found.ok ? replyJson(call, found.body) : bedrockErrorReply(found, call.head)
}

/** With lifecycle `enforce`, models that Bedrock has retired or not yet released are omitted. */
function listOfferedModels(servedModels: ServedModels): readonly Model[] {
  if (servedModels.lifecycle !== 'enforce') return servedModels.models
  const day = servedModels.asOf()
  return servedModels.models.filter((model) => {
    const { status } = getLifecycle(model, 'bedrock', day)
    return status !== 'retired' && status !== 'unreleased'
  })
}

function getModels(servedModels: ServedModels): readonly BedrockModel[] {
  return getBedrockModels(listOfferedModels(servedModels), servedModels.asOf())
}

function getProfiles(servedModels: ServedModels): readonly BedrockProfile[] {
  return getBedrockProfiles(listOfferedModels(servedModels))
}

/** The region is that of the signature, if there is one; the account id is an example from Amazon's documentation. */
function readPlace({ request }: ControlCall): AwsPlace {
  const scope = /\bCredential=[^/]+\/\d{8}\/([a-z0-9-]+)\//.exec(request.headers['authorization'] ?? '')
  return { region: scope?.[1] ?? 'us-east-1', account: '123456789012' }
}

function replyJson({ head }: ControlCall, value: unknown): Reply {
  return bedrockReply({ headers: {} }, head, { bytes: utf8.encode(JSON.stringify(value)), tokens: 0 })
}

const utf8 = new TextEncoder()
