import { useQuery } from '@tanstack/react-query'

import { listKeysQuery } from './keys.ts'
import { membersQuery, workspacesQuery } from './organization.ts'
import { useMay } from './session.ts'

/** A key, workspace or member, by which calls are filtered: the server takes the id, and people know the name. */
export interface Owner {
  readonly id: string
  readonly name: string
}

export type OwnerKind = 'key' | 'workspace' | 'member'

export function isOwnerKind(name: string): name is OwnerKind {
  return name === 'key' || name === 'workspace' || name === 'member'
}

interface Owners {
  readonly owners: readonly Owner[]
  /** True: there may be more in a moment. */
  readonly isLoading: boolean
}

/** The first owners of a kind, as far as the user may list them. */
export function useOwners(kind: OwnerKind): Owners {
  const mayListMembers = useMay('billing', 'viewer')
  const keys = useQuery({ ...listKeysQuery({ limit: 100, status: 'active' }), enabled: kind === 'key' })
  const workspaces = useQuery({ ...workspacesQuery, enabled: kind === 'workspace' })
  const members = useQuery({ ...membersQuery, enabled: kind === 'member' && mayListMembers })
  const { data, isLoading } = { key: keys, workspace: workspaces, member: members }[kind]
  return { owners: data?.data ?? [], isLoading }
}
