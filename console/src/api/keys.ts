import { queryOptions } from '@tanstack/react-query'

import { request } from './client.ts'
import type { Query } from './client.ts'
import type { Budget } from './budgets.ts'
import type { ListPage } from './list-page.ts'

export const protocols = ['messages', 'openai', 'bedrock', 'vertex'] as const

export type Protocol = (typeof protocols)[number]

/** Limits per minute; a figure that is missing follows the configuration. */
export interface RateFigures {
  readonly requests_per_minute?: number | string
  readonly input_tokens_per_minute?: number | string
  readonly output_tokens_per_minute?: number | string
}

export interface Rates extends RateFigures {
  readonly models?: Readonly<Record<string, RateFigures>>
}

export interface Key {
  readonly id: string
  readonly name: string
  readonly status: 'active' | 'expired' | 'revoked'
  readonly hint: string | null
  readonly workspace_id: string
  readonly member_id: string | null
  readonly models: readonly string[] | null
  readonly protocols: readonly Protocol[] | null
  readonly regions: readonly string[] | null
  readonly ip_ranges: readonly string[] | null
  readonly rates: Rates | null
  readonly expires_at: string | null
  readonly aws_access_key_id: string | null
  /** The end of the secret before the last rotation. */
  readonly previous_valid_until: string | null
  readonly created_at: string
  readonly revoked_at: string | null
}

/** A key of a list. */
export interface ListedKey extends Key {
  /** Null: none of its calls has ended. */
  readonly last_use: { readonly at: string; readonly within_hour: boolean } | null
}

/** A key with its secrets, which are shown only once. */
export interface CreatedKey extends Key {
  readonly key: string
  readonly aws_secret_access_key: string | null
}

/** The members of a key that can be changed; null removes a restriction. */
export interface KeyChange {
  readonly name?: string
  readonly member_id?: string | null
  readonly models?: readonly string[] | null
  readonly protocols?: readonly Protocol[] | null
  readonly regions?: readonly string[] | null
  readonly ip_ranges?: readonly string[] | null
  readonly rates?: Rates | null
  readonly expires_at?: string | null
}

export interface KeyInput extends KeyChange {
  readonly workspace_id?: string
  readonly aws?: boolean
}

export function listKeysQuery(query: Query = {}) {
  return queryOptions({
    queryKey: ['keys', query],
    queryFn: ({ signal }) => request<ListPage<ListedKey>>('/admin/v1/keys', { query, signal }),
  })
}

/** The kinds of limits per minute. */
export const rateKinds = ['requests', 'input_tokens', 'output_tokens'] as const

type RateKind = (typeof rateKinds)[number]

/** The limits of a key for a model; null: none of this kind. */
export interface KeyRate extends Readonly<Record<`${RateKind}_per_minute`, number | null>> {
  readonly model: string
  /** The unused part at this moment; null: not known to the process that was asked. */
  readonly remaining: Readonly<Record<RateKind, number | null>> | null
}

export interface KeyLimits {
  readonly rates: readonly KeyRate[]
  readonly budgets: readonly Budget[]
}

export function keyLimitsQuery(id: string) {
  return queryOptions({
    queryKey: ['keys', id, 'limits'],
    queryFn: ({ signal }) => request<KeyLimits>(`${getPath(id)}/limits`, { signal }),
    refetchInterval: 5_000,
  })
}

export function createKey(input: KeyInput): Promise<CreatedKey> {
  return request('/admin/v1/keys', { method: 'POST', body: input })
}

export function updateKey(id: string, change: KeyChange): Promise<Key> {
  return request(getPath(id), { method: 'PATCH', body: change })
}

/** Gives a key a new secret; the present one stays valid for the overlap. */
export function rotateKey(id: string, overlapSeconds: number): Promise<CreatedKey> {
  return request(`${getPath(id)}/rotate`, { method: 'POST', body: { overlap_seconds: overlapSeconds } })
}

export function revokeKey(id: string): Promise<Key> {
  return request(getPath(id), { method: 'DELETE' })
}

function getPath(id: string): string {
  return `/admin/v1/keys/${encodeURIComponent(id)}`
}
