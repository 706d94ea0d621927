import type { OwnerNames } from '../ledger/owner-names.ts'

/** The calls that count in a budget, by their owner or a label. Names are those that users see. */
export type Scope =
  | { readonly kind: 'organization' }
  | { readonly kind: 'workspace' | 'member' | 'key'; readonly name: string }
  | { readonly kind: 'label'; readonly name: string; readonly value: string }

export const scopePattern = '^(?:organization|(?:workspace|member|key):.{1,200}|label:[^=]{1,64}=.{1,200})$'

/** Reads a scope as users write it; null if it has no known form. */
export function parseScope(text: string): Scope | null {
  if (text === 'organization') return { kind: 'organization' }
  const colon = text.indexOf(':')
  const [kind, rest] = [text.slice(0, colon), text.slice(colon + 1)]
  if (rest === '') return null
  if (kind === 'workspace' || kind === 'member' || kind === 'key') return { kind, name: rest }
  const equals = rest.indexOf('=')
  if (kind !== 'label' || equals < 1 || equals === rest.length - 1) return null
  return { kind, name: rest.slice(0, equals), value: rest.slice(equals + 1) }
}

/** The owners of a call, by id, and its labels. */
export interface CallOwner {
  readonly keyId: string
  readonly keyName: string
  readonly workspaceId: string
  readonly memberId: string | null
  /** A JSON object with sorted names; null without labels. */
  readonly labels: string | null
}

/** An id without a name is its own name. */
export const noNames: OwnerNames = { key: new Map(), workspace: new Map(), member: new Map() }

/** The scopes of a call, from the narrowest to the widest: the narrowest is most likely to be exhausted. */
export function listScopes(owner: CallOwner, names: OwnerNames): readonly string[] {
  const { keyId, keyName, workspaceId, memberId, labels } = owner
  // A renamed key has the name that the budgets know until they know the new one.
  const ownName = names.key.get(keyId) ?? keyName
  const found = [`key:${ownName}`]
  if (keyId !== ownName) found.push(`key:${keyId}`)
  if (memberId !== null) found.push(...listNames('member', memberId, names.member))
  if (labels !== null)
    // Written by `readLabels`: an object of strings.
    for (const [label, value] of Object.entries(JSON.parse(labels) as Record<string, string>))
      found.push(`label:${label}=${value}`)
  found.push(...listNames('workspace', workspaceId, names.workspace), 'organization')
  return found
}

function listNames(kind: string, id: string, names: ReadonlyMap<string, string>): readonly string[] {
  const name = names.get(id)
  return name === undefined || name === id ? [`${kind}:${id}`] : [`${kind}:${name}`, `${kind}:${id}`]
}
