import { createHmac, randomInt } from 'node:crypto'

import { readSecretFile } from './secret-file.ts'

/** The access key that an AWS client signs with. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The stored form of AWS credentials, without the secret, which is derived when needed. */
export interface AwsCredentialsRecord {
  readonly accessKeyId: string
  /** The version of the derivation; another version derives another secret for the same id. */
  readonly version: number
}

/** The version that new credentials get. */
const currentVersion = 1

/** The id has AWS's format: `AKIA` and 16 letters or digits, with 60 random bits. */
export function createCredentialsRecord(): AwsCredentialsRecord {
  let accessKeyId = 'AKIAANTH'
  while (accessKeyId.length < 20) accessKeyId += base32[randomInt(base32.length)]
  return { accessKeyId, version: currentVersion }
}

/**
 * Verifying a signature needs the secret itself, so it cannot be stored as a
 * hash, as keys are. It is derived from the root secret instead: access to the
 * database alone is not enough to sign.
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

/** The data folder's root secret, created on first use with mode 0600; `ANTHOLOGY_ROOT_SECRET` takes precedence. */
export function readRootSecret(dataFolder: string, given: string | undefined): string {
  if (given !== undefined && given !== '') return given
  return readSecretFile(dataFolder, 'root-secret')
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
