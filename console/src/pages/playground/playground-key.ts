import { createId } from '../../parts/create-id.ts'
import { ApiProblem, request } from '../../api/client.ts'
import { getHomeWorkspace, getKeyOwner } from '../../api/session.ts'

/** The lifetime of a key of the playground. */
const lifetimeMs = 12 * 60 * 60 * 1_000

interface HeldKey {
  readonly key: string
  /** The user whose key it is. */
  readonly owner: string
  /** Infinity for a key that the user has given. */
  readonly untilMs: number
}

/** The part of a key that outlives a reload: its id, and never its secret. */
type KeptKey = Omit<HeldKey, 'key'> & { readonly id: string }

let current: HeldKey | null = null
let pending: Promise<HeldKey> | null = null

/**
 * Returns the key with which this window calls the Messages API, and creates one when it is first needed. Its secret stays
 * in memory; after a reload the same key gets another secret, and the one before ends.
 */
export async function getPlaygroundKey(): Promise<string> {
  const owner = getKeyOwner()
  const before = current
  if (current !== null && current.owner === owner && Date.now() < current.untilMs) return current.key
  pending ??= openKey(owner).finally(() => {
    pending = null
  })
  const held = await pending
  // The user may have given a key meanwhile.
  if (current === before) current = held
  return held.key
}

async function openKey(owner: string): Promise<HeldKey> {
  const kept = readKept()
  const isUsable = kept !== null && kept.owner === owner && Date.now() < kept.untilMs
  const held = (isUsable ? await renewKey(kept) : null) ?? (await createKey(owner))
  await waitUntilAccepted(held.key)
  return held
}

/** Null: the key was revoked. */
async function renewKey({ id, owner, untilMs }: KeptKey): Promise<HeldKey | null> {
  try {
    const { key } = await request<{ readonly key: string }>(
      `/admin/v1/keys/${encodeURIComponent(id)}/rotate`,
      {
        method: 'POST',
        body: { overlap_seconds: 0 },
      },
    )
    return { key, owner, untilMs }
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return null
    throw error
  }
}

async function createKey(owner: string): Promise<HeldKey> {
  const untilMs = Date.now() + lifetimeMs
  const name = `playground ${new Date().toISOString().slice(0, 16)} ${createId().slice(0, 4)}`
  const { id, key } = await request<{ readonly id: string; readonly key: string }>('/admin/v1/keys', {
    method: 'POST',
    body: { name, workspace_id: getHomeWorkspace(), expires_at: new Date(untilMs).toISOString() },
  })
  sessionStorage.setItem(storageKey, JSON.stringify({ id, owner, untilMs } satisfies KeptKey))
  return { key, owner, untilMs }
}

const storageKey = 'anthology-playground-key'

function readKept(): KeptKey | null {
  // Written by `createKey`.
  return JSON.parse(sessionStorage.getItem(storageKey) ?? 'null') as KeptKey | null
}

/** A new key works in every process of the gateway within a second. */
const maxWaitMs = 3_000
/** Most keys work after this; asking earlier fills the gateway's log with refusals. */
const usualWaitMs = 300

async function waitUntilAccepted(key: string): Promise<void> {
  const untilMs = Date.now() + maxWaitMs
  await new Promise((resolve) => setTimeout(resolve, usualWaitMs))
  while (Date.now() < untilMs) {
    const headers = { 'x-api-key': key, 'anthropic-version': '2023-06-01' }
    const response = await fetch('/v1/models?limit=1', { headers, credentials: 'omit' })
    if (response.status !== 401) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Forgets a secret that the gateway does not accept any more, so that the next run gets another one. */
export function dropPlaygroundKey(key: string): void {
  if (current?.key === key && current.untilMs !== Infinity) current = null
}

/** Uses a key that the user gives. */
export function setPlaygroundKey(key: string): void {
  current = key === '' ? null : { key, owner: getKeyOwner(), untilMs: Infinity }
}
