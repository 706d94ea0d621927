import type { Model } from '@anthology/catalog'
import type { BodyIndex, Patch, Receiver } from '@anthology/wire'

/** A call as a request to the Messages API, before a platform's adapter gives it the platform's form. */
export interface OutgoingCall {
  readonly countsTokens: boolean
  readonly stream: boolean
  /** The path of the Messages API, such as `/v1/messages?beta=true`. */
  readonly path: string
  /** With the betas of `betas`. */
  readonly headers: Readonly<Record<string, string>>
  /** In the platform's names, without those that it rejects. */
  readonly betas: readonly string[]
  /** The client's body, or its translation. */
  readonly body: Uint8Array
  readonly index: BodyIndex
  /** The patches that convert the body to the Messages API, except for the model name, and the platform's policy. */
  readonly patches: readonly Patch[]
  /** The name in the client's body; the cloud protocols have it in the path instead. */
  readonly requestedModel: string
  readonly model: Model
  /** The model's name at the upstream. */
  readonly modelName: string
}

/** A request in the form of a platform. */
export interface PlatformRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** All changes of the client's body. */
  readonly patches: readonly Patch[]
  /** Encodes the patched body once more, if the platform wants it inside another one. */
  readonly wrap?: (body: Uint8Array) => Uint8Array
  /** Describes what the adapter itself left out. */
  readonly notices?: readonly string[]
}

/** Everything that is particular to a platform, except for its credentials. */
export interface PlatformAdapter {
  createRequest(call: OutgoingCall): PlatformRequest
  /** Returns the receiver of the platform's answer, which passes it to `inner` in the form of the Messages API. */
  createReceiver(inner: Receiver, call: Pick<OutgoingCall, 'countsTokens' | 'stream'>): Receiver
  /** The model's name, if it is not the catalog's for platform and region; null: the model is not offered. */
  readonly nameModel?: (model: Model) => string | null
  /** Whether the platform counts the tokens of a model's requests; default: it does for every model. */
  readonly hasTokenCount?: (model: Model) => boolean
}

/** Combines two lists of patches of one body; where both concern a member, the later one counts. */
export function combinePatches(earlier: readonly Patch[], later: readonly Patch[]): readonly Patch[] {
  const members = new Set(later.map(({ member }) => member))
  return [...earlier.filter(({ member }) => !members.has(member)), ...later]
}

/**
 * Describes the members of a client's body whose place the platform's own take. Only the clouds' forms of a request have
 * them, and their protocols remove them before; the Claude API has headers in their place.
 */
export function describeReplaced(
  { index, patches }: Pick<OutgoingCall, 'index' | 'patches'>,
  members: readonly ('anthropic_version' | 'anthropic_beta')[],
): readonly string[] {
  return members
    .filter((member) => index.get(member) !== undefined)
    .filter((member) => !patches.some((patch) => patch.member === member))
    .map((member) => `${member} in the body has no effect: the header is ${member.replace('_', '-')}`)
}
