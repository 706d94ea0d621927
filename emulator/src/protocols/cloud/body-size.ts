import { check } from '@anthology/catalog'
import type { Model, Platform } from '@anthology/catalog'

/** What a cloud says of a body that is larger than it takes; null: it is not. */
export function findSizeError(body: Uint8Array | null, model: Model, platform: Platform): string | null {
  const findings = check({ body_bytes: body?.length ?? 0 }, model, { platform })
  return findings.find(({ code }) => code === 'body_too_large_for_cloud')?.message ?? null
}
