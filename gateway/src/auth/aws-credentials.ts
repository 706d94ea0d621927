import { createHmac, randomInt } from 'node:crypto'

import { readSecretFile } from './secret-file.ts'

/** Credentials that an AWS client signs with. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The stored part of AWS credentials; the secret is derived again when needed. */
export interface AwsCredentialsRecord {
  readonly accessKeyId: string
  /** The version of the derivation; each version derives a different secret from the same id. */
  readonly version: number
}

/** The version that new credentials get. */
const currentVersion = 1

/** Creates an access key id in AWS's format: `AKIA` and 16 letters or digits, with 60 random bits. */
export function createCredentialsRecord(): AwsCredentialsRecord {
  let accessKeyId = 'AKIAANTH'
  while (accessKeyId.length < 20) accessKeyId += base32[randomInt(base32.length)]
  return { accessKeyId, version: currentVersion }
}

/**
 * Derives the secret of AWS credentials. Verifying a signature needs the secret,
 * so it cannot be stored as a hash like a key's. Because it is derived, read
 * access to the database alone is not enough to sign.
 */
export function deriveCredentials(
  { accessKeyId, version }: AwsCredentialsRecord,
  rootSecret: string,
): AwsCredentials {
  const digest = createHmac('sha256', rootSecret)
    .update(`aws-pair:${version}:${accessKeyId}`)
    .digest('base64')
  return { accessKeyId, secretAccessKey: digest.slice(0, 40) }
}

/** Reads the root secret: `given` (`ANTHOLOGY_ROOT_SECRET`), or the data folder's file, which is created if missing. */
export function readRootSecret(dataFolder: string, given: string | undefined): string {
  if (given !== undefined && given !== '') return given
  return readSecretFile(dataFolder, 'root-secret')
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
