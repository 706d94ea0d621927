import type { EmulatorRequest } from '../request.ts'
import type { Route } from '../api/route.ts'
import type { FaultFailure } from '../faults/fault-failure.ts'
import type { Fault, Platform, Protocol } from './scenario.ts'

/** One request as the client sent it, and what the scenario and the faults decide about it. */
export interface Exchange {
  readonly request: EmulatorRequest
  readonly protocol: Protocol
  /** Bedrock's Messages endpoint has Foundry's path, and names of models of its own. */
  platform: Platform
  /** The fault to apply; null: none. */
  fault: Fault | null
  /** The error that the fault answers with; null: the fault is in the transport or in the stream. */
  failure: FaultFailure | null
  /** The name of the rule that applied; null: none did. */
  rule: string | null
  /** Whether the request reached the rules, and none matched. */
  isUnmatched: boolean
}

export function openExchange(request: EmulatorRequest, route: Route): Exchange {
  const protocol = getProtocol(route)
  return {
    request,
    protocol,
    platform: getPlatform(protocol, request.path),
    fault: null,
    failure: null,
    rule: null,
    isUnmatched: false,
  }
}

function getProtocol(route: Route): Protocol {
  return route.kind === 'not_found' || route.kind === 'wrong_method' ? route.protocol : route.kind
}

/** A path under `/anthropic` is Foundry's. */
function getPlatform(protocol: Protocol, path: string): Platform {
  if (protocol === 'bedrock' || protocol === 'vertex') return protocol
  return protocol === 'messages' && path.startsWith('/anthropic/') ? 'foundry' : 'anthropic'
}
