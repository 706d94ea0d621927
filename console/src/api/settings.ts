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

export interface EffectiveSetting {
  /** As in anthology.yaml, with dots. */
  readonly name: string
  readonly value: string | number | boolean | readonly string[]
  readonly source: 'default' | 'file' | 'flag' | 'environment'
  /** The file, the flag or the variable. */
  readonly origin: string | null
}

export interface Settings {
  readonly settings: readonly EffectiveSetting[]
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
