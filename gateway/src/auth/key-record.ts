import type { AwsCredentialsRecord } from './aws-credentials.ts'

/** The workspace that a key belongs to, and the member of whom it is. */
export interface KeyOwner {
  readonly workspaceId: string
  /** Null for a key that belongs to nobody in particular. */
  readonly memberId: string | null
}

/** The workspace that always exists. Keys of older data folders and built-in keys are in it. */
export const defaultWorkspaceId = 'default'

/** A key as stored: its SHA-256 hash, never the key itself. */
export interface KeyRecord extends KeyOwner {
  readonly id: string
  readonly name: string
  readonly hash: string
  /** Ids of the models that the key may use; null allows all. */
  readonly models: readonly string[] | null
  readonly createdAtMs: number
  readonly revokedAtMs: number | null
  /** The key's AWS credentials, if it has any. */
  readonly aws: AwsCredentialsRecord | null
}
