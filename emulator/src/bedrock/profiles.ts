import { createdAtOf, lifecycleOf } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { findInferenceProfile, listFoundationModels, listInferenceProfiles } from '@anthology/wire'
import type { AwsPlace, FoundationModelFacts, ProfileFacts } from '@anthology/wire'

import type { Family } from '../family.ts'
import type { Reply } from '../reply.ts'
import type { Call, Settings } from '../routes.ts'
import { isProfileOnly } from './model.ts'
import { bedrockErrorReply, bedrockReply } from './reply.ts'

export type ControlCall = Omit<Call, 'apiVersion'>

/** The emulator stands for every region at once: the profiles of all of them are listed. */
export function listProfiles(call: ControlCall, { family }: Settings): Reply {
  const page = listInferenceProfiles(profilesOf(family), call.query.toString(), placeOf(call))
  return page.ok ? replyJson(call, page.body) : bedrockErrorReply(page, call.head)
}

export function retrieveProfile(call: ControlCall, { family }: Settings): Reply {
  const found = findInferenceProfile(profilesOf(family), call.name, placeOf(call))
  return found.ok ? replyJson(call, found.body) : bedrockErrorReply(found, call.head)
}

export function listBedrockModels(call: ControlCall, { family }: Settings): Reply {
  const facts = offeredModels(family).map((offered) => describe(offered, family))
  return replyJson(call, listFoundationModels(facts, call.query.toString(), placeOf(call).region))
}

interface Offered {
  readonly model: Model
  readonly id: string
}

/** Where dates are enforced, what Bedrock has retired is gone. */
function offeredModels(family: Family): readonly Offered[] {
  const day = family.asOf()
  return family.models.flatMap((model): Offered[] => {
    const id = model.platforms.bedrock
    const { status } = lifecycleOf(model, 'bedrock', day)
    const isGone = family.lifecycle === 'enforce' && (status === 'retired' || status === 'unreleased')
    return id === null || isGone ? [] : [{ model, id }]
  })
}

function profilesOf(family: Family): readonly ProfileFacts[] {
  return offeredModels(family).flatMap(({ model, id }) =>
    (model.bedrockProfiles ?? []).map((prefix) => ({
      id: `${prefix}.${id}`,
      name: `${geographies[prefix]?.name ?? prefix} Anthropic ${model.name}`,
      description: `Routes requests to Anthropic ${model.name} in ${(geographies[prefix]?.regions ?? [prefix]).join(', ')}.`,
      modelId: id,
      regions: geographies[prefix]?.regions ?? [],
      createdAt: createdAtOf(model),
    })),
  )
}

/**
 * Where the profiles of a prefix run. Tokyo with Osaka and Sydney with Melbourne are told ("Geographic cross-Region
 * inference", 2026); of the larger ones some of the regions stand here, of `global` the one where most clients are.
 */
const geographies: Readonly<Record<string, { readonly name: string; readonly regions: readonly string[] }>> =
  {
    us: { name: 'US', regions: ['us-east-1', 'us-east-2', 'us-west-2'] },
    eu: { name: 'EU', regions: ['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-3'] },
    apac: {
      name: 'APAC',
      regions: ['ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2'],
    },
    jp: { name: 'JP', regions: ['ap-northeast-1', 'ap-northeast-3'] },
    au: { name: 'AU', regions: ['ap-southeast-2', 'ap-southeast-4'] },
    global: { name: 'Global', regions: ['us-east-1'] },
  }

function describe({ model, id }: Offered, family: Family): FoundationModelFacts {
  const { status } = lifecycleOf(model, 'bedrock', family.asOf())
  const isEnding = status === 'deprecated' || status === 'retired'
  return {
    id,
    name: model.name,
    readsImages: model.vision,
    onDemand: !isProfileOnly(model),
    status: isEnding ? 'LEGACY' : 'ACTIVE',
  }
}

/** The region of the signature where there is one; the account is one that Amazon's documentation uses. */
function placeOf({ request }: ControlCall): AwsPlace {
  const scope = /\bCredential=[^/]+\/\d{8}\/([a-z0-9-]+)\//.exec(request.headers['authorization'] ?? '')
  return { region: scope?.[1] ?? 'us-east-1', account: '123456789012' }
}

function replyJson({ head }: ControlCall, value: unknown): Reply {
  return bedrockReply({ headers: {} }, head, { bytes: utf8.encode(JSON.stringify(value)), tokens: 0 })
}

const utf8 = new TextEncoder()
