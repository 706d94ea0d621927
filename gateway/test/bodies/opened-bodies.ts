import { join } from 'node:path'

import type { BodyIndex } from '@anthology/wire'

import { createBuiltInKey } from '../../src/auth/key-ring.ts'
import type { BodySettings } from '../../src/bodies/bodies-config.ts'
import { openStoredBodies } from '../../src/bodies/stored-bodies.ts'
import type { StoredBodies } from '../../src/bodies/stored-bodies.ts'
import { createRequestId } from '../../src/http/request-id.ts'
import { temporaryFolder } from '../running-gateway.ts'

interface OpenOptions extends Partial<Pick<BodySettings, 'folder' | 'keptMs'>> {
  readonly nowMs?: () => number
  readonly maxHeldBytes?: number
  readonly onLog?: () => void
}

/** Opens the bodies of a process, without a server. */
export async function openBodies({ nowMs = Date.now, maxHeldBytes, onLog, ...given }: OpenOptions) {
  const log: { readonly event: string }[] = []
  const folder = given.folder ?? join(temporaryFolder(), 'bodies')
  const settings = { retention: '1d', keptMs: null, maxBytes: 10_000, workspaces: null, ...given, folder }
  const bodies = await openStoredBodies(settings, {
    log: (entry) => {
      log.push(entry)
      onLog?.()
    },
    nowMs,
    ...(maxHeldBytes !== undefined && { maxHeldBytes }),
  })
  const key = createBuiltInKey('key_local', 'local')
  const capture = (id = createRequestId()) => {
    const made = bodies.capture({
      id,
      billable: true,
      body: Buffer.from(`request of ${id}`),
      index: emptyIndex,
      key,
    })
    if (made === null) throw new Error('the call is not captured')
    return Object.assign(made, { id })
  }
  return { bodies, capture, log, folder }
}

/** Stores the bodies of a call without an answer. */
export function record(
  {
    capture,
  }: { readonly bodies: StoredBodies; readonly capture: (id?: string) => { keep(): void; id: string } },
  startedAtMs?: number,
): string {
  const made = capture(createRequestId(startedAtMs))
  made.keep()
  return made.id
}

/** The index of a request that nobody has read. */
export const emptyIndex: BodyIndex = { ok: true, members: [], open: 0, get: () => undefined }
