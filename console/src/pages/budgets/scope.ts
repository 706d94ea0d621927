export const scopeKinds = ['organization', 'workspace', 'member', 'key', 'label'] as const

export type ScopeKind = (typeof scopeKinds)[number]

/** A scope of a budget in its parts. */
export interface ScopeParts {
  readonly kind: ScopeKind
  /** Empty for the organization. Of a label, its name and value as `project=apollo`. */
  readonly name: string
}

/** Reads `key:ci`. A text that is no scope is one of the organization. */
export function splitScope(scope: string): ScopeParts {
  const at = scope.indexOf(':')
  const kind = scopeKinds.find((one) => one === scope.slice(0, Math.max(at, 0)))
  return kind === undefined ? { kind: 'organization', name: '' } : { kind, name: scope.slice(at + 1) }
}

export function printScope({ kind, name }: ScopeParts): string {
  return kind === 'organization' ? kind : `${kind}:${name}`
}

/** A scope has the name or the id of its owner. */
export function isKnownOwner(
  text: string,
  owners: readonly { readonly id: string; readonly name: string }[],
): boolean {
  return owners.some(({ id, name }) => name === text || id === text)
}
