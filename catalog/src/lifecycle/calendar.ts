import { getDay } from '../day.ts'
import { getLifecycle } from './lifecycle.ts'
import type { Platform } from '../model.ts'
import { models } from '../models.ts'

/** A future event of one model on one platform. */
export interface CalendarEntry {
  /** Null: announced without a day. */
  readonly day: string | null
  /** `may_retire`: no retirement is announced, and there will be none before the day. */
  readonly event: 'retires' | 'may_retire'
  readonly model: string
  readonly name: string
  readonly platform: Platform
  readonly replacement: string | null
}

/** Lists the retirements after a day (default today) on a platform (default the Claude API), soonest first. */
export function calendar(
  options: { readonly asOf?: string | undefined; readonly platform?: Platform | undefined } = {},
): readonly CalendarEntry[] {
  const platform = options.platform ?? 'anthropic'
  const day = getDay(options.asOf)
  const rows = models.flatMap((model): readonly CalendarEntry[] => {
    const { status, retired, notBefore, replacement } = getLifecycle(model, platform, day)
    const base = { model: model.id, name: model.name, platform, replacement }
    if (status === 'deprecated') return [{ ...base, day: retired, event: 'retires' }]
    return status !== 'active' || notBefore === null ? [] : [{ ...base, day: notBefore, event: 'may_retire' }]
  })
  const older = keptLonger.filter(
    ({ entry, announced }) => entry.platform === platform && announced <= day && day < (entry.day ?? ''),
  )
  return [...rows, ...older.map(({ entry }) => entry)].toSorted(
    (left, right) => compareDays(left.day, right.day) || left.model.localeCompare(right.model),
  )
}

/**
 * Ids that the Claude API retired before the catalog's models, but a cloud later ("Model lifecycle",
 * docs.aws.amazon.com/bedrock, 2026). The first day of Legacy is six months before, the shortest time that AWS
 * documents.
 */
const keptLonger: readonly { readonly announced: string; readonly entry: CalendarEntry }[] = [
  {
    announced: '2026-01-30',
    entry: {
      day: '2026-07-30',
      event: 'retires',
      model: 'claude-3-sonnet-20240229',
      name: 'Claude Sonnet 3',
      platform: 'bedrock',
      replacement: 'claude-sonnet-4-5-20250929',
    },
  },
]

/** Entries without a day come last. */
function compareDays(left: string | null, right: string | null): number {
  if (left === right) return 0
  if (left === null) return 1
  return right === null || left < right ? -1 : 1
}
