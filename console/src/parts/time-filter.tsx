import { FilterField } from './field.tsx'

interface TimeFilterProps {
  readonly label: string
  readonly value: string | undefined
  readonly onChange: (value: string) => void
}

/** A time in the zone of the browser; the address has it in UTC. */
export function TimeFilter({ label, value, onChange }: TimeFilterProps) {
  return (
    <FilterField
      label={label}
      type="datetime-local"
      value={value === undefined ? '' : toLocalText(value)}
      onChange={(text) => {
        const time = new Date(text)
        onChange(Number.isNaN(time.getTime()) ? '' : time.toISOString())
      }}
    />
  )
}

function toLocalText(time: string): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return ''
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
