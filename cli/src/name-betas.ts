import { getEffectiveDay, requestWideWindow, resolve } from '@anthology/catalog'
import type { LifecycleMode } from '@anthology/catalog'

/** The betas that `[1m]` in a model's name adds, as at the gateway. */
export function listNameBetas(name: string, day: string, lifecycle: LifecycleMode): readonly string[] {
  const found = resolve(name)
  if (!found.ok || found.window === undefined) return []
  return requestWideWindow(found.model, getEffectiveDay(found.model, lifecycle, day), []).betas
}
