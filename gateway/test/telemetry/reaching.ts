import type { LimitName, Limits } from '../../src/limits.ts'
import type { Answer } from '../http-client.ts'
import { connectRaw } from '../raw-client.ts'
import { hang, startUpstream } from '../recording-upstream.ts'
import type { RecordingUpstream, Script } from '../recording-upstream.ts'
import { startGateway } from '../running-gateway.ts'
import type { RunningGateway } from '../running-gateway.ts'

/** How a limit is reached, and what its client is told. */
export interface Reaching {
  readonly limits: Partial<Limits>
  /** How the upstream answers; without one it never does. */
  readonly script?: Script
  /** Where another upstream is than one that answers. */
  readonly upstreamUrl?: () => Promise<string>
  readonly act: (gateway: RunningGateway, upstream: RecordingUpstream) => Promise<Answer | void>
  /** The status and the type of the refusal that `act` gives. */
  readonly told?: readonly [status: number, type: string]
  /** The type of the error that ends the stream that `act` gives. */
  readonly cutWith?: string
  /** A limit that has to be reached before this one can be. */
  readonly behind?: LimitName
}

export async function startReaching({ limits, script = hang, upstreamUrl }: Reaching) {
  const upstream = await startUpstream(script)
  const url = (await upstreamUrl?.()) ?? upstream.url
  return { upstream, gateway: await startGateway({ upstreamUrl: url, limits }) }
}

/** The limits that were reached, by their names in `anthology.yaml`. */
export function reachedLimits(gateway: RunningGateway): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { name, values } of gateway.metrics()) {
    if (name !== 'anthology_limit_reached_total') continue
    for (const { labels, value } of values) if (value > 0) counts[String(labels['name'])] = value
  }
  return counts
}

/** Writes bytes on a connection of its own, and waits until the gateway has closed it. */
export async function writeUntilClosed(gateway: RunningGateway, bytes: string): Promise<void> {
  const client = await connectRaw(gateway.port)
  client.write(bytes)
  await client.closing()
}
