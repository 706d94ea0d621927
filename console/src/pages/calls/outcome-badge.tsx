import { Badge } from '../../parts/badge.tsx'
import type { Tone } from '../../parts/badge.tsx'
import { callTexts } from '../../texts/calls.ts'

const tones: Readonly<Record<string, Tone>> = {
  answered: 'good',
  running: 'neutral',
  client_closed: 'warn',
  unknown: 'warn',
}

/** The result of a call, with the status or the type of the error. */
export function OutcomeBadge({
  outcome,
  detail,
}: {
  readonly outcome: string
  readonly detail?: string | number | null
}) {
  return (
    <Badge tone={tones[outcome] ?? 'bad'}>
      {callTexts.outcomes[outcome] ?? outcome}
      {detail !== null && detail !== undefined && ` ${detail}`}
    </Badge>
  )
}
