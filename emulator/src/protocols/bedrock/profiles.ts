import { getBedrockModels, getBedrockProfiles, getLifecycle } from '@anthology/catalog'
import type { BedrockProfile, Model } from '@anthology/catalog'
import { findInferenceProfile, listFoundationModels, listInferenceProfiles } from '@anthology/wire'
import type { AwsPlace } from '@anthology/wire'

import type { ServedModels } from '../../api/served-models.ts'
import type { Reply } from '../../http/reply.ts'
import type { Call } from '../../call.ts'
import type { Settings } from '../../settings.ts'
import { bedrockErrorReply, bedrockReply } from './reply.ts'

export type ControlCall = Omit<Call, 'apiVersion'>

/** The emulator stands for every region at once: the profiles of all of them are listed. */
export function listProfiles(call: ControlCall, { servedModels }: Settings): Reply {
  const page = listInferenceProfiles(getProfiles(servedModels), call.query.toString(), findPlace(call))
  return page.ok ? replyJson(call, page.body) : bedrockErrorReply(page, call.head)
}

export function retrieveProfile(call: ControlCall, { servedModels }: Settings): Reply {
  const found = findInferenceProfile(getProfiles(servedModels), call.name, findPlace(call))
  return found.ok ? replyJson(call, found.body) : bedrockErrorReply(found, call.head)
}

export function listBedrockModels(call: ControlCall, { servedModels }: Settings): Reply {
  const facts = getBedrockModels(offeredModels(servedModels), servedModels.asOf())
  return replyJson(call, listFoundationModels(facts, call.query.toString(), findPlace(call).region))
}

/** Where dates are enforced, what Bedrock has retired is gone. */
function offeredModels(servedModels: ServedModels): readonly Model[] {
  if (servedModels.lifecycle !== 'enforce') return servedModels.models
  const day = servedModels.asOf()
  return servedModels.models.filter((model) => {
    const { status } = getLifecycle(model, 'bedrock', day)
    return status !== 'retired' && status !== 'unreleased'
  })
}

function getProfiles(servedModels: ServedModels): readonly BedrockProfile[] {
  return getBedrockProfiles(offeredModels(servedModels))
}

/** The region of the signature where there is one; the account is one that Amazon's documentation uses. */
function findPlace({ request }: ControlCall): AwsPlace {
  const scope = /\bCredential=[^/]+\/\d{8}\/([a-z0-9-]+)\//.exec(request.headers['authorization'] ?? '')
  return { region: scope?.[1] ?? 'us-east-1', account: '123456789012' }
}

function replyJson({ head }: ControlCall, value: unknown): Reply {
  return bedrockReply({ headers: {} }, head, { bytes: utf8.encode(JSON.stringify(value)), tokens: 0 })
}

const utf8 = new TextEncoder()
