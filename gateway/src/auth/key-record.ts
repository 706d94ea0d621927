import type { ProtocolName } from '../protocols/protocol.ts'
import type { KeyRateEntry } from '../rates/rate-entry.ts'
import type { AwsCredentialsRecord } from './aws-credentials.ts'

/** The workspace that a key belongs to, and the member of whom it is. */
export interface KeyOwner {
  readonly workspaceId: string
  /** Null for a key that belongs to nobody in particular. */
  readonly memberId: string | null
}

/** The workspace that always exists. Keys of older data folders and built-in keys are in it. */
export const defaultWorkspaceId = 'default'

/** The permissions of a key. Null allows everything. */
export interface KeyPermissions {
  /** Ids of models. */
  readonly models: readonly string[] | null
  readonly protocols: readonly ProtocolName[] | null
  /** Regions of upstreams, as their configuration names them. An upstream without a region has none of these. */
  readonly regions: readonly string[] | null
  /** Addresses of clients, as IPv4 or IPv6 addresses or networks in CIDR notation. */
  readonly ipRanges: readonly string[] | null
  /** Limits per minute. They precede those of the configuration, per figure. */
  readonly rates: KeyRateEntry | null
  /** From this time on the key is not valid. */
  readonly expiresAtMs: number | null
}

export const unrestricted: KeyPermissions = {
  models: null,
  protocols: null,
  regions: null,
  ipRanges: null,
  rates: null,
  expiresAtMs: null,
}

/** A key as stored: its SHA-256 hash, never the key itself. */
export interface KeyRecord extends KeyOwner, KeyPermissions {
  readonly id: string
  readonly name: string
  readonly hash: string
  /** The beginning and the end of the key, by which people recognize it; null for keys of earlier versions. */
  readonly hint: string | null
  readonly createdAtMs: number
  readonly revokedAtMs: number | null
  /** The key's AWS credentials, if it has any. */
  readonly aws: AwsCredentialsRecord | null
  /** The secret before the last rotation, while it is still valid. */
  readonly previous: PreviousSecret | null
}

export interface PreviousSecret {
  readonly hash: string
  readonly aws: AwsCredentialsRecord | null
  readonly validUntilMs: number
}
