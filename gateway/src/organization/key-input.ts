import type { Resolution } from '@anthology/catalog'

import { parseRanges } from '../auth/client-address.ts'
import type { KeyPermissions } from '../auth/key-record.ts'
import { GatewayError } from '../errors.ts'
import { hintAtModels } from '../routing/foreign-name.ts'
import { parseTime } from '../time.ts'

/** Permissions as the admin API and the CLI take them: names of models, and a time as RFC 3339. */
export interface PermissionsInput extends Partial<
  Pick<KeyPermissions, 'models' | 'protocols' | 'regions' | 'rates'>
> {
  readonly ip_ranges?: readonly string[] | null
  readonly expires_at?: string | null
}

export interface PermissionsContext {
  readonly resolveModel: (name: string) => Resolution
  readonly nowMs: number
}

/**
 * Reads the given permissions. Names of models become their ids. Throws a GatewayError that names the member whose value
 * is not valid.
 */
export function readPermissions(
  input: PermissionsInput,
  { resolveModel, nowMs }: PermissionsContext,
): Partial<KeyPermissions> {
  const { models, protocols, regions, ip_ranges: ipRanges, rates, expires_at: expiresAt } = input
  const resolve = (name: string, member: string) => resolveId(name, member, resolveModel)
  return {
    ...(models !== undefined && {
      models:
        models === null ? null : [...new Set(models.map((name, index) => resolve(name, `models.${index}`)))],
    }),
    ...(protocols !== undefined && { protocols }),
    ...(regions !== undefined && { regions }),
    ...(ipRanges !== undefined && { ipRanges: ipRanges === null ? null : checkRanges(ipRanges) }),
    ...(rates !== undefined && { rates: rates === null ? null : resolveRates(rates, resolve) }),
    ...(expiresAt !== undefined && {
      expiresAtMs: expiresAt === null ? null : readFutureTime(expiresAt, nowMs),
    }),
  }
}

type Resolve = (name: string, member: string) => string

function resolveId(name: string, member: string, resolveModel: PermissionsContext['resolveModel']): string {
  const found = resolveModel(name.trim())
  if (found.ok) return found.model.id
  const hint = hintAtModels(found)
  throw new GatewayError('invalid_value', `${member}: there is no model ${JSON.stringify(name.trim())}`, {
    hint,
  })
}

function checkRanges(texts: readonly string[]): readonly string[] {
  const ranges = texts.map((text) => text.trim())
  const parsed = parseRanges(ranges)
  if (parsed.ok) return ranges
  throw new GatewayError(
    'invalid_value',
    `ip_ranges: ${JSON.stringify(parsed.problem)} is neither an address nor a network such as 10.0.0.0/8`,
  )
}

function resolveRates(
  { models, ...figures }: NonNullable<KeyPermissions['rates']>,
  resolve: Resolve,
): NonNullable<KeyPermissions['rates']> {
  if (models === undefined) return figures
  const entries = Object.entries(models).map(
    ([name, entry]) => [resolve(name, `rates.models.${name}`), entry] as const,
  )
  if (new Set(entries.map(([id]) => id)).size < entries.length)
    throw new GatewayError('invalid_value', 'rates.models: two names are the same model')
  return { ...figures, models: Object.fromEntries(entries) }
}

function readFutureTime(text: string, nowMs: number): number {
  const atMs = parseTime(text)
  if (atMs === null)
    throw new GatewayError('invalid_value', 'expires_at: must be a time such as 2027-01-31T12:00:00Z')
  if (atMs <= nowMs) throw new GatewayError('invalid_value', 'expires_at: must be in the future')
  return atMs
}
