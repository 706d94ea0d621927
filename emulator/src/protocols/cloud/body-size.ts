import { check } from '@anthology/catalog'
import type { Model, Platform } from '@anthology/catalog'

/** Returns a cloud's error text for a body that is too large; null if it fits. */
export function findSizeError(body: Uint8Array | null, model: Model, platform: Platform): string | null {
  const findings = check({ body_bytes: body?.length ?? 0 }, model, { platform })
  return findings.find(({ code }) => code === 'body_too_large_for_cloud')?.message ?? null
}
