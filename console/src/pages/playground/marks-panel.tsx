import type { Model } from '@anthology/catalog'

import { Check, Choice } from '../../parts/field.tsx'
import { formatCount } from '../../parts/format.ts'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import { createRequest } from './create-request.ts'
import type { CacheMarks, Draft } from './draft.ts'
import { listMarks, maxMarks } from './list-marks.ts'
import type { Mark } from './list-marks.ts'

interface MarksPanelProps {
  readonly draft: Draft
  readonly models: readonly Model[]
  readonly onChange: (marks: CacheMarks) => void
}

const places = ['tools', 'system', 'lastTurn'] as const

/** Sets the cache breakpoints at fixed places, and says what is wrong with all of them. */
export function MarksPanel({ draft, models, onChange }: MarksPanelProps) {
  const marks = draft.cache
  const created = createRequest(draft, '')
  const all = created.ok ? listMarks(created.body) : []
  const problem = findProblem(all)
  const limited = models.filter(({ minCacheableTokens }) => minCacheableTokens !== null)
  return (
    <fieldset className="marks">
      <legend>{texts.cache}</legend>
      <div className="row">
        {places.map((place) => (
          <Check
            key={place}
            label={texts.cachePlaces[place]}
            isOn={marks[place]}
            onChange={(isOn) => onChange({ ...marks, [place]: isOn })}
          />
        ))}
        {places.some((place) => marks[place]) && (
          <Choice
            label={texts.cacheTtl}
            value={marks.ttl}
            onChange={(ttl) => onChange({ ...marks, ttl })}
            options={[
              ['5m', '5 minutes'],
              ['1h', '1 hour'],
            ]}
          />
        )}
      </div>
      {problem !== null && (
        <p className="notice bad small" role="alert">
          {problem}
        </p>
      )}
      {all.length > 0 && limited.length > 0 && (
        <p className="muted small">
          {limited
            .map((model) => texts.cacheFrom(model.displayName, formatCount(model.minCacheableTokens)))
            .join(' ')}{' '}
          {texts.cacheTooShort}
        </p>
      )}
    </fieldset>
  )
}

/** The rules of the API for breakpoints (Prompt caching page). */
function findProblem(marks: readonly Mark[]): string | null {
  if (marks.length > maxMarks) return texts.tooManyMarks(marks.length, maxMarks)
  const first = marks.findIndex(({ ttl }) => ttl === '5m')
  const isLate = first >= 0 && marks.slice(first).some(({ ttl }) => ttl === '1h')
  return isLate ? texts.hourAfterMinutes : null
}
