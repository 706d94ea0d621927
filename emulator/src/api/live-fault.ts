import { allowOrigin } from '../http/cors.ts'
import type { Reply } from '../http/reply.ts'
import { applyFault } from '../faults/apply-fault.ts'
import { chooseFault, createsMessage } from '../faults/choose-fault.ts'
import { getStreamForm } from '../faults/event-frames.ts'
import { findFailure } from '../faults/fault-failure.ts'
import { createFailureReply } from '../faults/fault-reply.ts'
import type { EmulatorRequest } from '../request.ts'
import { openExchange } from '../scenario/exchange.ts'
import type { Exchange } from '../scenario/exchange.ts'
import type { Fault } from '../scenario/scenario.ts'
import type { Settings } from '../options/settings.ts'
import { createErrorReply } from './error-reply.ts'
import { createHead } from './head.ts'
import { matchRoute } from './route.ts'

/** The fault of a request that an upstream answers. */
export interface LiveFault {
  readonly exchange: Exchange
  /** Whether the client gets something of the upstream's answer; if not, the upstream is not called. */
  readonly needsAnswer: boolean
  /** Puts the fault into the upstream's answer, or creates the reply without one. */
  change(answer: Reply): Reply
}

/** Chooses the fault of a request that an upstream answers, as `dispatch` does for all others; null: it has none. */
export function chooseLiveFault(request: EmulatorRequest, settings: Settings): LiveFault | null {
  const route = matchRoute(request)
  const exchange = openExchange(request, route)
  const chosen = chooseFault(route, exchange, settings.script)
  if (chosen.ok && chosen.fault === null) return null
  const head = createHead(exchange, settings)
  const answer = (reply: Reply): Reply => allowOrigin(request, reply)
  if (!chosen.ok) {
    const { error } = chosen
    return { exchange, needsAnswer: false, change: () => answer(createErrorReply(route, error, head)) }
  }
  const { fault } = chosen
  if (fault === null) return null
  exchange.fault = fault
  exchange.failure = findFailure(fault, createsMessage(route))
  return {
    exchange,
    needsAnswer: exchange.failure === null && !sendsNothing(fault),
    change: (reply) => {
      // Whether the answer is a stream is known now.
      if (exchange.failure === null && getStreamForm(reply) === null)
        exchange.failure = findFailure(fault, false)
      return answer(applyFault(createFailureReply(route, head, settings) ?? reply, fault, route))
    },
  }
}

/** Whether the connection breaks or stalls before the first byte of an answer. */
function sendsNothing({ reset, stall, after_events: after = 0 }: Fault): boolean {
  return reset === true || (stall === true && after === 0)
}

/** Stands for the answer of an upstream that is not called. */
export const noAnswer: Reply = { status: 200, headers: {}, frames: [].values() }
