import { queryOptions } from '@tanstack/react-query'

import { request } from './client.ts'
import type { ListPage } from './list-page.ts'

export interface Prompt {
  readonly id: string
  readonly workspace_id: string
  readonly name: string
  readonly latest_version: number
  readonly created_at: string
}

export interface PromptVersionEntry {
  readonly prompt_id: string
  readonly version: number
  readonly note: string
  readonly actor: string
  readonly created_at: string
}

export interface PromptVersion extends PromptVersionEntry {
  readonly content: unknown
}

const path = '/admin/v1/prompts'

/** The most entries that a list shows. */
const limit = 200

export const promptsQuery = queryOptions({
  queryKey: ['prompts'],
  queryFn: ({ signal }) => request<ListPage<Prompt>>(path, { query: { limit }, signal }),
})

export function promptVersionsQuery(id: string) {
  return queryOptions({
    queryKey: ['prompts', id, 'versions'],
    queryFn: ({ signal }) =>
      request<ListPage<PromptVersionEntry>>(`${path}/${encodeURIComponent(id)}/versions`, {
        query: { limit },
        signal,
      }),
  })
}

/** A version never changes, so it is asked for once. */
export function promptVersionQuery(id: string, version: number) {
  return queryOptions({
    queryKey: ['prompts', id, 'version', version],
    queryFn: ({ signal }) =>
      request<PromptVersion>(`${path}/${encodeURIComponent(id)}/versions/${version}`, { signal }),
    staleTime: Infinity,
  })
}

export function createPrompt(body: {
  readonly name: string
  readonly note: string
  readonly content: object
}): Promise<PromptVersion> {
  return request(path, { method: 'POST', body })
}

export function addPromptVersion(
  id: string,
  body: { readonly note: string; readonly content: object },
): Promise<PromptVersion> {
  return request(`${path}/${encodeURIComponent(id)}/versions`, { method: 'POST', body })
}

export function archivePrompt(id: string): Promise<Prompt> {
  return request(`${path}/${encodeURIComponent(id)}`, { method: 'DELETE' })
}
