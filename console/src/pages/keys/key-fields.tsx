import { useQuery } from '@tanstack/react-query'

import { protocols } from '../../api/keys.ts'
import type { Protocol } from '../../api/keys.ts'
import { membersQuery } from '../../api/organization.ts'
import { serverQuery } from '../../api/server.ts'
import { useMay } from '../../api/session.ts'
import { Checks, Choice, TextField } from '../../parts/field.tsx'
import { keyTexts } from '../../texts/manage.ts'
import type { KeyForm } from './key-form.ts'
import { RateTable } from './rate-table.tsx'

interface KeyFieldsProps {
  readonly form: KeyForm
  readonly change: (changes: Partial<KeyForm>) => void
}

const requestMembers = { models: 'models', regions: 'regions', ipRanges: 'ip_ranges' } as const

/** The fields that a new key and a changed one have in common. */
export function KeyFields({ form, change }: KeyFieldsProps) {
  const mayListMembers = useMay('billing', 'viewer')
  const members = useQuery({ ...membersQuery, enabled: mayListMembers }).data?.data ?? []
  const text = (name: 'models' | 'regions' | 'ipRanges') => (
    <TextField
      label={keyTexts[name]}
      member={requestMembers[name]}
      value={form[name]}
      onChange={(value) => change({ [name]: value })}
    />
  )
  return (
    <>
      {members.length > 0 && (
        <Choice
          label={keyTexts.member}
          value={form.member}
          onChange={(member) => change({ member })}
          options={[['', keyTexts.nobody], ...members.map(({ id, name }) => [id, name] as const)]}
        />
      )}
      {text('models')}
      <Checks<Protocol>
        label={keyTexts.protocols}
        values={form.protocols}
        onChange={(chosen) => change({ protocols: chosen })}
        options={protocols.map((name) => [name, keyTexts.protocolNames[name]] as const)}
      />
      {text('regions')}
      {text('ipRanges')}
      <TextField
        label={keyTexts.expires}
        member="expires_at"
        type="datetime-local"
        value={form.expires}
        onChange={(expires) => change({ expires })}
      />
      <RateTable form={form} change={change} />
      <LabelHint />
    </>
  )
}

/** A key has no labels: each call carries its own. */
function LabelHint() {
  const labels = useQuery(serverQuery).data?.labels ?? []
  return (
    <p className="small muted">
      {labels.length === 0 ? keyTexts.noLabels : keyTexts.labels(labels.join(', '))}
    </p>
  )
}
