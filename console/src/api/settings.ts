import { queryOptions } from '@tanstack/react-query'

import { request } from './client.ts'

export interface LimitSetting {
  readonly name: string
  readonly value: number
  readonly default: number
  readonly unit: string
  readonly scope: string
  readonly description: string
  readonly exceeded: string
}

export interface Settings {
  readonly configuration: object | null
  readonly limits: readonly LimitSetting[]
  readonly routing: {
    readonly groups: readonly (readonly string[])[]
    readonly models: Readonly<Record<string, readonly (readonly string[])[]>>
    readonly weights: Readonly<Record<string, number>>
  }
}

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => request<Settings>('/admin/v1/settings', { signal }),
})
