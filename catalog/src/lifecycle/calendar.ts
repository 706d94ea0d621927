import { getDay } from '../day.ts'
import { statusOn } from './lifecycle.ts'
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
  return models
    .filter((model) => ['active', 'deprecated'].includes(statusOn(model, day, platform)))
    .flatMap(({ id, name, lifecycle }): readonly CalendarEntry[] => {
      const life = lifecycle[platform]
      if (life === null) return []
      // A retirement that is known today may not have been announced on the given day.
      const announced = life.deprecated !== null && life.deprecated <= day
      const base = { model: id, name, platform, replacement: announced ? life.replacement : null }
      if (announced) return [{ ...base, day: life.retired, event: 'retires' }]
      return life.notBefore === null ? [] : [{ ...base, day: life.notBefore, event: 'may_retire' }]
    })
    .toSorted((left, right) => compareDays(left.day, right.day) || left.model.localeCompare(right.model))
}

/** Entries without a day come last. */
function compareDays(left: string | null, right: string | null): number {
  if (left === right) return 0
  if (left === null) return 1
  return right === null || left < right ? -1 : 1
}
