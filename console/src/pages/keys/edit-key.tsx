import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { updateKey } from '../../api/keys.ts'
import type { Key } from '../../api/keys.ts'
import { TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { showToast } from '../../parts/toast.tsx'
import { keyTexts } from '../../texts/manage.ts'
import { KeyFields } from './key-fields.tsx'
import { fillForm, listChanges } from './key-form.ts'

interface EditKeyProps {
  readonly edited: Key
  readonly onClose: () => void
}

/** The form of an existing key. It sends only what was changed. */
export function EditKey({ edited, onClose }: EditKeyProps) {
  const queries = useQueryClient()
  const [before] = useState(() => fillForm(edited))
  const [form, setForm] = useState(before)
  const change = (changes: Partial<typeof form>) => setForm({ ...form, ...changes })
  return (
    <FormDialog
      title={keyTexts.editTitle(edited.name)}
      action={keyTexts.save}
      isOpen
      onClose={onClose}
      onSubmit={async () => {
        const changes = listChanges(before, form)
        if (Object.keys(changes).length === 0) return
        await updateKey(edited.id, changes)
        showToast(keyTexts.saved(form.name))
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
      <KeyFields form={form} change={change} />
    </FormDialog>
  )
}
