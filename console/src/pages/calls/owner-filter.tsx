import { useOwners } from '../../api/owners.ts'
import type { OwnerKind } from '../../api/owners.ts'
import { FilterField } from '../../parts/field.tsx'

interface OwnerFilterProps {
  readonly kind: OwnerKind
  readonly label: string
  /** The id; undefined: none. */
  readonly value: string | undefined
  readonly onChange: (id: string) => void
}

/** A filter by a key, workspace or member: the field takes and shows its name, and the address has its id. */
export function OwnerFilter({ kind, label, value = '', onChange }: OwnerFilterProps) {
  const { owners, isLoading } = useOwners(kind)
  return (
    <FilterField
      label={label}
      value={owners.find(({ id }) => id === value)?.name ?? value}
      options={owners.map(({ name }) => name)}
      isHeld={isLoading}
      onChange={(text) => onChange(owners.find(({ name }) => name === text.trim())?.id ?? text.trim())}
    />
  )
}
