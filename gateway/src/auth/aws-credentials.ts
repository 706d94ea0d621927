import { createHmac, randomInt } from 'node:crypto'

import { readSecretFile } from './secret-file.ts'

/** What a client of AWS signs with. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** What is stored of a pair: the secret is not, it can be derived again. */
export interface AwsCredentialsRecord {
  readonly accessKeyId: string
  /** Of the derivation; another one gives the same id another secret. */
  readonly version: number
}

/** The version of the derivation below. */
const currentVersion = 1

/** An id in the look of AWS's: `AKIA` and 16 letters or digits, of which 60 bits are random. */
export function createCredentialsRecord(): AwsCredentialsRecord {
  let accessKeyId = 'AKIAANTH'
  while (accessKeyId.length < 20) accessKeyId += base32[randomInt(base32.length)]
  return { accessKeyId, version: currentVersion }
}

/**
 * A signature can only be verified by who knows the secret, so it cannot be
 * hashed like a key. It is derived instead: who reads the data base alone
 * cannot sign.
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

/** The root secret of a data folder, a file of mode 0600 that the first look makes; `ANTHOLOGY_ROOT_SECRET` comes before it. */
export function readRootSecret(dataFolder: string, given: string | undefined): string {
  if (given !== undefined && given !== '') return given
  return readSecretFile(dataFolder, 'root-secret')
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
