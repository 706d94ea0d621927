import {
  GatewayError,
  createUnfinishedError,
  describeUrl,
  inspectPostgres,
  unfinishedCopyVersion,
} from '@anthology/gateway'

import { formatCount } from '../number-format.ts'
import { fail, getReason, ok } from './finding.ts'
import type { Finding } from './finding.ts'

/** Checks that PostgreSQL can be reached and has tables that this release can use; changes nothing. */
export async function inspectStore(url: string | undefined): Promise<readonly Finding[]> {
  if (url === undefined) return []
  const name = describeUrl(url)
  try {
    const { serverVersion, schemaVersion, neededVersion, estimatedCalls, usesTls } =
      await inspectPostgres(url)
    if (schemaVersion === unfinishedCopyVersion) {
      const { message, hint = '' } = createUnfinishedError('database', name)
      return [fail('Store', 'schema', [message, hint])]
    }
    if (schemaVersion !== null && schemaVersion > neededVersion)
      return [
        fail('Store', 'schema', [
          `${name} was migrated by a newer Anthology (schema ${schemaVersion})`,
          'Update Anthology, or name another database with --store URL.',
        ]),
      ]
    const tables =
      schemaVersion === null
        ? 'no tables yet; the first start of the server creates them'
        : `schema ${schemaVersion}, about ${formatCount(estimatedCalls)} calls`
    const upgraded =
      schemaVersion !== null && schemaVersion < neededVersion
        ? `, upgraded to ${neededVersion} at the next start`
        : ''
    const transport = usesTls ? 'TLS' : 'no TLS'
    return [
      ok('Store', 'PostgreSQL', `${name}: version ${serverVersion}, ${transport}, ${tables}${upgraded}`),
    ]
  } catch (error) {
    const hint = error instanceof GatewayError ? error.hint : undefined
    return [fail('Store', 'PostgreSQL', [getReason(error), hint ?? 'Check the store URL.'])]
  }
}
