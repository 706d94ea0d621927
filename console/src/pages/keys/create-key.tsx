import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { createKey } from '../../api/keys.ts'
import type { CreatedKey, KeyInput } from '../../api/keys.ts'
import { workspacesQuery } from '../../api/organization.ts'
import { getHomeWorkspace } from '../../api/session.ts'
import { Check, Choice, TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { keyTexts } from '../../texts/manage.ts'
import { KeyFields } from './key-fields.tsx'
import { emptyForm, listChanges } from './key-form.ts'
import type { KeyForm } from './key-form.ts'
import { NewSecret } from './new-secret.tsx'

/** The form of a new key, and then the key, once. */
export function CreateKey({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient()
  const [form, setForm] = useState<KeyForm>(emptyForm)
  const [workspace, setWorkspace] = useState(getHomeWorkspace)
  const [hasAws, setAws] = useState(false)
  const [created, setCreated] = useState<CreatedKey | null>(null)
  const workspaces = useQuery(workspacesQuery).data?.data ?? []
  const change = (changes: Partial<KeyForm>) => setForm({ ...form, ...changes })
  if (created !== null) return <NewSecret created={created} onClose={onClose} />
  const input: KeyInput = { ...listChanges(emptyForm, form), workspace_id: workspace, aws: hasAws }
  return (
    <FormDialog
      title={keyTexts.create}
      action={keyTexts.create}
      isOpen
      onClose={onClose}
      closesAfter={false}
      onSubmit={async () => {
        setCreated(await createKey(input))
        await queries.invalidateQueries({ queryKey: ['keys'] })
      }}
    >
      <TextField
        label={keyTexts.name}
        member="name"
        value={form.name}
        onChange={(name) => change({ name })}
        isRequired
      />
      <Choice
        label={keyTexts.workspace}
        value={workspace}
        onChange={setWorkspace}
        options={[
          // Until the list has arrived.
          ...(workspaces.some(({ id }) => id === workspace) ? [] : ([[workspace, workspace]] as const)),
          ...workspaces.map(({ id, name }) => [id, name] as const),
        ]}
      />
      <KeyFields form={form} change={change} />
      <Check label={keyTexts.aws} isOn={hasAws} onChange={setAws} />
    </FormDialog>
  )
}
