import { check } from '@anthology/catalog'
import type { Model, Platform } from '@anthology/catalog'
import type { Patch } from '@anthology/wire'

/** The members that are removed for a platform, with a description of each. */
export interface RemovedMembers {
  readonly patches: readonly Patch[]
  readonly notices: readonly string[]
}

/**
 * The members that a platform rejects and that may be removed for it, because the answer stays the same. An upstream
 * that rejects any other member is excluded from the plan (`check` of the catalog): without it the answer would be
 * another one. docs/upstreams.md has both lists.
 */
const removable: readonly {
  readonly member: string
  readonly splice: Patch['splice']
  readonly isRejected: (model: Model, platform: Platform) => boolean
  readonly effect: string
}[] = [
  {
    member: 'speed',
    splice: 'beta_field',
    // If not even the Claude API has it, the request is wrong and gets an error.
    isRejected: (model, platform) => !hasFastMode(model, platform) && hasFastMode(model, 'anthropic'),
    effect: 'the answer comes at the standard speed and price',
  },
  {
    member: 'cache_control',
    splice: 'first_party_member',
    isRejected: (model, platform) => rejectsMember('cache_control', model, platform),
    effect: 'only blocks with a cache_control of their own are cached',
  },
  {
    member: 'tags',
    splice: 'first_party_member',
    isRejected: (model, platform) => rejectsMember('tags', model, platform),
    effect: 'the platform does not report them',
  },
]

/** Plans the removal of members of a body for a platform. `hasMember` tells whether the body has a member. */
export function removeMembers(
  hasMember: (name: string) => boolean,
  model: Model,
  platform: Platform,
): RemovedMembers {
  if (platform === 'anthropic') return nothingRemoved
  const removed = removable.filter(
    ({ member, isRejected }) => hasMember(member) && isRejected(model, platform),
  )
  if (removed.length === 0) return nothingRemoved
  return {
    patches: removed.map(({ member, splice }) => ({ splice, kind: 'remove', member })),
    notices: removed.map(
      ({ member, effect }) => `${platform} does not accept ${member}, which was left out: ${effect}`,
    ),
  }
}

const nothingRemoved: RemovedMembers = { patches: [], notices: [] }

function hasFastMode(model: Model, platform: Platform): boolean {
  const findings = check({ speed: 'fast' }, model, { platform })
  return !findings.some(({ code }) => code === 'speed_unsupported')
}

function rejectsMember(member: string, model: Model, platform: Platform): boolean {
  const findings = check({ body_members: [member] }, model, { platform })
  return findings.some(({ code }) => code === 'member_not_on_platform')
}
