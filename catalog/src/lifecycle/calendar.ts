import { getDay } from '../day.ts'
import { statusOn } from './lifecycle.ts'
import type { Platform } from '../model.ts'
import { models } from '../models.ts'

/** What is to come for one model on one platform. */
export interface CalendarEntry {
  /** Null: announced without a day. */
  readonly day: string | null
  /** `may_retire`: none is announced, and there will be none before the day. */
  readonly event: 'retires' | 'may_retire'
  readonly model: string
  readonly name: string
  readonly platform: Platform
  readonly replacement: string | null
}

/** The retirements ahead of a day (default today) on a platform (default the Claude API), soonest first. */
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
      // A retirement may be known in hindsight that nobody had announced on the day asked about.
      const announced = life.deprecated !== null && life.deprecated <= day
      const base = { model: id, name, platform, replacement: announced ? life.replacement : null }
      if (announced) return [{ ...base, day: life.retired, event: 'retires' }]
      return life.notBefore === null ? [] : [{ ...base, day: life.notBefore, event: 'may_retire' }]
    })
    .toSorted((left, right) => compareDays(left.day, right.day) || left.model.localeCompare(right.model))
}

/** What has no day comes last. */
function compareDays(left: string | null, right: string | null): number {
  if (left === right) return 0
  if (left === null) return 1
  return right === null || left < right ? -1 : 1
}
