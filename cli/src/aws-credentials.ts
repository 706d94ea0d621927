import type { AwsCredentials } from '@anthology/gateway'

import { UsageError } from './command.ts'
import type { Context } from './command.ts'

/** Reads the AWS credentials that clients sign with; undefined: there are none. Throws a UsageError for half of a pair. */
export function readAwsCredentials(env: Context['env']): AwsCredentials | undefined {
  const accessKeyId = env['ANTHOLOGY_AWS_ACCESS_KEY_ID'] ?? ''
  const secretAccessKey = env['ANTHOLOGY_AWS_SECRET_ACCESS_KEY'] ?? ''
  if (accessKeyId === '' && secretAccessKey === '') return undefined
  if (accessKeyId !== '' && secretAccessKey !== '') return { accessKeyId, secretAccessKey }
  throw new UsageError(
    'ANTHOLOGY_AWS_ACCESS_KEY_ID and ANTHOLOGY_AWS_SECRET_ACCESS_KEY must be set together',
    'Set both, or neither.',
  )
}
