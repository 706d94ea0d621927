import { createId } from '../../parts/create-id.ts'
import { request } from '../../api/client.ts'
import { getHomeWorkspace } from '../../api/session.ts'

/** The lifetime of a key of the playground. */
const lifetimeMs = 12 * 60 * 60 * 1_000

let current: { readonly key: string; readonly untilMs: number } | null = null

/**
 * Returns the key with which this window calls the Messages API, and creates one when it is first needed. It stays in
 * memory: a reload creates another one.
 */
export async function getPlaygroundKey(): Promise<string> {
  if (current !== null && Date.now() < current.untilMs) return current.key
  const untilMs = Date.now() + lifetimeMs
  const name = `playground ${new Date().toISOString().slice(0, 16)} ${createId().slice(0, 4)}`
  const created = await request<{ readonly key: string }>('/admin/v1/keys', {
    method: 'POST',
    body: { name, workspace_id: getHomeWorkspace(), expires_at: new Date(untilMs).toISOString() },
  })
  await waitUntilAccepted(created.key)
  current = { key: created.key, untilMs }
  return created.key
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

/** Forgets a key that the gateway does not accept any more, so that the next run gets another one. */
export function dropPlaygroundKey(key: string): void {
  if (current?.key === key && current.untilMs !== Infinity) current = null
}

/** Uses a key that the user gives. */
export function setPlaygroundKey(key: string): void {
  current = key === '' ? null : { key, untilMs: Infinity }
}
