import type { Receiver, Upstream, UpstreamRequest } from '@anthology/wire'

import { noAnswer } from '../../api/live-fault.ts'
import type { LiveFault } from '../../api/live-fault.ts'
import { oneStep } from '../../steps.ts'
import { startPacer } from '../../http/pacer.ts'
import type { Pacer, PacerOptions } from '../../http/pacer.ts'
import type { Reply } from '../../http/reply.ts'
import type { Exchange } from '../../scenario/exchange.ts'
import { forwardFaulted } from './forward-faulted.ts'
import { forwardLive } from './forward-live.ts'

export interface SendLiveOptions {
  /** The fault of the request; null: none. */
  readonly fault: LiveFault | null
  readonly pacing: PacerOptions
  /** Receives the status of a reply with a fault, before it is sent. */
  readonly onFaulted: (exchange: Exchange, status: number) => void
}

/** Sends a request to its upstream, and a fault to the client. A fault without an answer does not call the upstream. */
export function sendLive(
  live: { readonly upstream: Upstream; readonly request: UpstreamRequest },
  receiver: Receiver,
  { fault, pacing, onFaulted }: SendLiveOptions,
): Pacer {
  if (fault === null) return forwardLive(live, receiver, pacing.done)
  const change = (answer: Reply): Reply => {
    const reply = fault.change(answer)
    onFaulted(fault.exchange, reply.status)
    return reply
  }
  if (fault.needsAnswer) return forwardFaulted(live, receiver, { change, pacing })
  return startPacer(
    oneStep(() => change(noAnswer)),
    receiver,
    pacing,
  )
}
