import type { AwsCredentialsRecord } from './aws-credentials.ts'

/** A key as it is stored. Of the key itself only the SHA-256 hash is kept. */
export interface KeyRecord {
  readonly id: string
  readonly name: string
  readonly hash: string
  /** Ids of the models that the key may use; null: all. */
  readonly models: readonly string[] | null
  readonly createdAtMs: number
  readonly revokedAtMs: number | null
  /** The key's face for clients of AWS, if it has one. */
  readonly aws: AwsCredentialsRecord | null
}
