import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { rotateKey } from '../../api/keys.ts'
import type { CreatedKey, Key } from '../../api/keys.ts'
import { Choice } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { keyTexts } from '../../texts/manage.ts'
import { NewSecret } from './new-secret.tsx'

interface RotateKeyProps {
  readonly rotated: Key
  readonly onClose: () => void
}

/** The time for which the present secret stays valid, and then the new one, once. */
export function RotateKey({ rotated, onClose }: RotateKeyProps) {
  const queries = useQueryClient()
  const [overlap, setOverlap] = useState<keyof typeof keyTexts.overlaps>('86400')
  const [created, setCreated] = useState<CreatedKey | null>(null)
  if (created !== null) return <NewSecret created={created} onClose={onClose} />
  const overlaps = Object.entries(keyTexts.overlaps) as [typeof overlap, string][] // The entries of the table.
  return (
    <FormDialog
      title={keyTexts.rotateTitle(rotated.name)}
      action={keyTexts.rotate}
      isOpen
      onClose={onClose}
      closesAfter={false}
      onSubmit={async () => {
        setCreated(await rotateKey(rotated.id, Number(overlap)))
        await queries.invalidateQueries({ queryKey: ['keys'] })
      }}
    >
      <p>{keyTexts.rotateText}</p>
      <Choice label={keyTexts.overlap} value={overlap} onChange={setOverlap} options={overlaps} />
    </FormDialog>
  )
}
