import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { createKey } from '../../api/keys.ts'
import type { CreatedKey, KeyInput } from '../../api/keys.ts'
import { membersQuery, workspacesQuery } from '../../api/organization.ts'
import { useMay } from '../../api/session.ts'
import { Code } from '../../parts/code.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Modal } from '../../parts/modal.tsx'
import { keyTexts } from '../../texts/manage.ts'

const emptyForm = { name: '', workspace: 'default', member: '', models: '', expires: '' }

/** The form of a new key, and then the key, once. */
export function CreateKey({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient()
  const [form, setForm] = useState(emptyForm)
  const [created, setCreated] = useState<CreatedKey | null>(null)
  const workspaces = useQuery(workspacesQuery).data?.data ?? []
  const mayListMembers = useMay('billing', 'viewer')
  const members = useQuery({ ...membersQuery, enabled: mayListMembers }).data?.data ?? []
  const set = (name: keyof typeof emptyForm) => (value: string) => setForm({ ...form, [name]: value })
  if (created !== null)
    return (
      <Modal title={keyTexts.createdTitle} isOpen onClose={onClose}>
        <p>{keyTexts.createdLead}</p>
        <Code text={created.key} label={keyTexts.createdLabel} wraps />
        <div className="row end">
          <button type="button" className="button primary" onClick={onClose}>
            {keyTexts.done}
          </button>
        </div>
      </Modal>
    )
  return (
    <FormDialog
      title={keyTexts.create}
      action={keyTexts.create}
      isOpen
      onClose={onClose}
      closesAfter={false}
      onSubmit={async () => {
        setCreated(await createKey(readForm(form)))
        await queries.invalidateQueries({ queryKey: ['keys'] })
      }}
    >
      <TextField label={keyTexts.name} value={form.name} onChange={set('name')} isRequired />
      <Choice
        label={keyTexts.workspace}
        value={form.workspace}
        onChange={set('workspace')}
        options={[
          ...(workspaces.some(({ id }) => id === 'default') ? [] : ([['default', 'default']] as const)),
          ...workspaces.map(({ id, name }) => [id, name] as const),
        ]}
      />
      {members.length > 0 && (
        <Choice
          label={keyTexts.member}
          value={form.member}
          onChange={set('member')}
          options={[['', keyTexts.nobody], ...members.map(({ id, name }) => [id, name] as const)]}
        />
      )}
      <TextField label={keyTexts.models} value={form.models} onChange={set('models')} />
      <TextField label={keyTexts.expires} type="date" value={form.expires} onChange={set('expires')} />
    </FormDialog>
  )
}

function readForm(form: typeof emptyForm): KeyInput {
  const models = form.models.split(/[\s,]+/).filter((name) => name !== '')
  return {
    name: form.name,
    workspace_id: form.workspace,
    ...(form.member !== '' && { member_id: form.member }),
    ...(models.length > 0 && { models }),
    ...(form.expires !== '' && { expires_at: `${form.expires}T00:00:00Z` }),
  }
}
