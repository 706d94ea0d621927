import { queryOptions } from '@tanstack/react-query'

import { request } from './client.ts'

export interface Server {
  readonly version: string
  readonly time: string
  readonly upstreams: readonly { readonly name: string; readonly platform: string }[]
  readonly emulated: boolean
  readonly stores_bodies: boolean
  readonly labels: readonly string[]
}

export const serverQuery = queryOptions({
  queryKey: ['server'],
  queryFn: ({ signal }) => request<Server>('/admin/v1/server', { signal }),
  staleTime: 60_000,
})
