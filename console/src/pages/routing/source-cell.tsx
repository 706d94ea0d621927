import type { RoutingSource } from '../../api/routing.ts'
import { Badge } from '../../parts/badge.tsx'
import { formatTime } from '../../parts/format.ts'
import { sourceTexts as texts } from '../../texts/routing.ts'

interface SourceCellProps {
  readonly source: RoutingSource
  readonly changedAt: string | null
  /** The value in anthology.yaml, as text. */
  readonly configured: string
  /** Why the change is ignored. */
  readonly problem?: string | null
}

/** The source of a value; a changed one with its time and with what the file says. */
export function SourceCell({ source, changedAt, configured, problem = null }: SourceCellProps) {
  if (source === 'config') return texts.inFile
  return (
    <span className="stack">
      <span>
        <Badge tone={problem === null ? 'warn' : 'bad'}>
          {problem === null ? texts.changed : texts.ignored}
        </Badge>{' '}
        {formatTime(changedAt)}
      </span>
      <span className="small muted">{texts.configured(configured)}</span>
      {problem !== null && <span className="small">{problem}</span>}
    </span>
  )
}
