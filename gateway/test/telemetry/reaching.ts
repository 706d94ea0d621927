import type { Platform } from '@anthology/catalog'

import type { BudgetsConfig } from '../../src/budgets/budget-config.ts'
import type { LimitName, Limits } from '../../src/limits.ts'
import type { Answer } from '../http-client.ts'
import { connectRaw } from '../raw-client.ts'
import { hang, startUpstream } from '../recording-upstream.ts'
import type { RecordingUpstream, Script } from '../recording-upstream.ts'
import { httpAccount } from '../running-gateway.ts'
import { startAwsGateway } from '../protocols/aws-client.ts'
import type { RunningGateway } from '../running-gateway.ts'
import { adminKey } from './admin-key.ts'

/** A way to reach a limit, and the error that its client gets. */
export interface Reaching {
  /** How often the limit is reached; default once. */
  readonly times?: number
  readonly limits: Partial<Limits>
  readonly budgets?: BudgetsConfig
  /** Default: the Claude API. */
  readonly platform?: Platform
  readonly emergencyFolder?: string
  /** Another upstream is left that could be asked. */
  readonly hasSpare?: boolean
  /** The upstream's response. Default: none, ever. */
  readonly script?: Script
  /** The URL of another upstream than the one that responds. */
  readonly upstreamUrl?: () => Promise<string>
  readonly act: (gateway: RunningGateway, upstream: RecordingUpstream) => Promise<Answer | void>
  /** The status and the type of the error that `act` returns. */
  readonly told?: readonly [status: number, type: string]
  /** The type of the error that ends the stream of `act`. */
  readonly cutWith?: string
  /** A limit that must be reached before this one. */
  readonly behind?: LimitName
}

export async function startReaching({
  limits,
  platform,
  budgets,
  emergencyFolder,
  script = hang,
  upstreamUrl,
  hasSpare = false,
}: Reaching) {
  const upstream = await startUpstream(script)
  const url = (await upstreamUrl?.()) ?? upstream.url
  const first = { ...httpAccount(url, limits), ...(platform !== undefined && { platform }) }
  const spares = hasSpare ? [{ ...httpAccount(url, limits), name: 'spare' }] : []
  const accounts = platform === undefined && !hasSpare ? {} : { accounts: [first, ...spares] }
  return {
    upstream,
    gateway: await startAwsGateway({
      upstreamUrl: url,
      limits,
      budgets,
      emergencyFolder,
      adminKey,
      ...accounts,
    }),
  }
}

/** The limits that were reached, under their names in `anthology.yaml`. */
export function reachedLimits(gateway: RunningGateway): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { name, values } of gateway.metrics()) {
    if (name !== 'anthology_limit_reached_total') continue
    for (const { labels, value } of values) if (value > 0) counts[String(labels['name'])] = value
  }
  return counts
}

/** Writes bytes on a new connection, and waits until the gateway has closed it. */
export async function writeUntilClosed(gateway: RunningGateway, bytes: string): Promise<void> {
  const client = await connectRaw(gateway.port)
  client.write(bytes)
  await client.closing()
}
