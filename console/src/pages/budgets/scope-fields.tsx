import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'

import { listKeysQuery } from '../../api/keys.ts'
import type { ListPage } from '../../api/list-page.ts'
import { membersQuery, workspacesQuery } from '../../api/organization.ts'
import { serverQuery } from '../../api/server.ts'
import { Choice, TextField } from '../../parts/field.tsx'
import { budgetTexts as texts } from '../../texts/manage.ts'
import { isKnownOwner, printScope, scopeKinds, splitScope } from './scope.ts'
import type { ScopeKind, ScopeParts } from './scope.ts'

interface ScopeFieldsProps {
  /** As the admin API has it, such as `workspace:research`. */
  readonly scope: string
  readonly onChange: (scope: string) => void
}

/** Whose calls a budget limits: the kind, and the name of one of that kind. */
export function ScopeFields({ scope, onChange }: ScopeFieldsProps) {
  const { kind, name } = splitScope(scope)
  const hintId = useId()
  const { owners, suggestions } = useOwnersOf(kind)
  const labels = useQuery(serverQuery).data?.labels ?? []
  const hint = describeOwner({ kind, name: name.trim() }, owners, labels)
  return (
    <>
      <Choice
        label={texts.scope}
        value={kind}
        onChange={(chosen) => onChange(printScope({ kind: chosen, name: '' }))}
        options={scopeKinds.map((one) => [one, texts.scopeKinds[one]] as const)}
      />
      {kind !== 'organization' && (
        <TextField
          // Another kind has other suggestions.
          key={kind}
          label={texts.owner[kind]}
          member="scope"
          value={name}
          options={suggestions}
          describedBy={hint === null ? undefined : hintId}
          onChange={(text) => onChange(printScope({ kind, name: text }))}
          isRequired
        />
      )}
      {kind !== 'organization' && (
        <p id={hintId} className="small muted" role="status" hidden={hint === null}>
          {hint}
        </p>
      )}
    </>
  )
}

/** What the name needs to have an effect; null: nothing. */
function describeOwner(
  { kind, name }: ScopeParts,
  owners: readonly Owner[] | null,
  labels: readonly string[],
): string | null {
  if (kind === 'label') return texts.labelHint(labels.join(', '))
  if (kind === 'organization' || owners === null || name === '') return null
  return isKnownOwner(name, owners) ? null : texts.unknownOwner[kind]
}

type Owner = Parameters<typeof isKnownOwner>[1][number]

interface OwnersOf {
  /** Null: the list is not known, or not all of it. */
  readonly owners: readonly Owner[] | null
  readonly suggestions: readonly string[]
}

function useOwnersOf(kind: ScopeKind): OwnersOf {
  const workspaces = useQuery({ ...workspacesQuery, enabled: kind === 'workspace' }).data
  const members = useQuery({ ...membersQuery, enabled: kind === 'member' }).data
  const keys = useQuery({
    ...listKeysQuery({ limit: 100, status: 'active' }),
    enabled: kind === 'key',
  }).data
  const labels = useQuery(serverQuery).data?.labels ?? []
  if (kind === 'organization') return { owners: null, suggestions: [] }
  if (kind === 'label') return { owners: null, suggestions: labels.map((name) => `${name}=`) }
  const page: ListPage<Owner> | undefined = { workspace: workspaces, member: members, key: keys }[kind]
  return {
    owners: page?.next === null ? page.data : null,
    suggestions: page?.data.map(({ name }) => name) ?? [],
  }
}
