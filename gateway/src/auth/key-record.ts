import type { AwsCredentialsRecord } from './aws-credentials.ts'

/** A stored key: its SHA-256 hash, never the key itself. */
export interface KeyRecord {
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
