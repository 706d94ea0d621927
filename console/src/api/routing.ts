import { queryOptions } from '@tanstack/react-query'

import { request } from './client.ts'

/** The source of a value. `api`: it was changed at run time, which precedes the file. */
export type RoutingSource = 'config' | 'api'

export interface AliasTarget {
  readonly to: string
  /** In percent, such as `10%`. */
  readonly share: string
  /** The first day (UTC), `YYYY-MM-DD`; null: always. */
  readonly from: string | null
}

export interface Alias extends AliasTarget {
  readonly name: string
  readonly source: RoutingSource
  readonly changed_at: string | null
  /** The alias in anthology.yaml; null without one. */
  readonly config: AliasTarget | null
  /** Why the changed alias is ignored. */
  readonly problem: string | null
}

export type Weights = Readonly<Record<string, number>>

export interface Routing {
  readonly groups: readonly (readonly string[])[]
  readonly models: Readonly<Record<string, readonly (readonly string[])[]>>
  readonly weights: {
    readonly source: RoutingSource
    readonly changed_at: string | null
    readonly values: Weights
    readonly config: Weights
  }
  readonly aliases: readonly Alias[]
}

export const routingQuery = queryOptions({
  queryKey: ['routing'],
  queryFn: ({ signal }) => request<Routing>('/admin/v1/routing', { signal }),
})

/** Sets an alias; an empty share is all conversations, an empty day always. */
export function setAlias(
  name: string,
  { to, share, from }: { readonly to: string; readonly share: string; readonly from: string },
): Promise<Alias> {
  const body = { to, ...(share !== '' && { share: `${share}%` }), ...(from !== '' && { from }) }
  return request(getAliasPath(name), { method: 'PUT', body })
}

/** Makes the configuration's alias apply again. */
export function resetAlias(name: string): Promise<null> {
  return request(getAliasPath(name), { method: 'DELETE' })
}

export function setWeights(weights: Weights): Promise<Routing['weights']> {
  return request(weightsPath, { method: 'PUT', body: { weights } })
}

/** Makes the configuration's weights apply again. */
export function resetWeights(): Promise<null> {
  return request(weightsPath, { method: 'DELETE' })
}

const weightsPath = '/admin/v1/routing/weights'

function getAliasPath(name: string): string {
  return `/admin/v1/routing/aliases/${encodeURIComponent(name)}`
}
