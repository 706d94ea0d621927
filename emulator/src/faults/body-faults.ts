import type { Route } from '../api/route.ts'
import type { Reply } from '../http/reply.ts'
import { toHeaderText } from '../http/reply.ts'
import { readBody } from '../http/reply-body.ts'
import type { Fault } from '../scenario/scenario.ts'
import { createsMessage } from './choose-fault.ts'
import { createBreakFrame, emptyFrame, getConnectionBreak, stallFrame } from './connection-break.ts'
import type { ConnectionBreak } from './connection-break.ts'
import { findCutPlace } from './cut-place.ts'
import type { EventFrame } from './event-frames.ts'
import { breakBody } from './malformed.ts'

/** A reply whose frames are events. */
export interface FaultyReply extends Omit<Reply, 'frames'> {
  readonly frames: Iterable<EventFrame>
}

/** Puts what is wrong with a plain answer into its body. */
export function faultBody(reply: Reply, fault: Fault, route: Route): FaultyReply {
  const { bytes, tokens } = readBody(reply)
  const body = fault.malformed === undefined ? bytes : breakBody(bytes, fault.malformed)
  const whole = { bytes: body, tokens, isCounted: true }
  const hasLength = reply.headers['content-length'] !== undefined
  return {
    status: reply.status,
    headers: {
      ...reply.headers,
      ...(hasLength && { 'content-length': String(body.length) }),
      ...getNotice(reply, fault, route),
    },
    frames: listFrames(whole, fault),
  }
}

function listFrames(whole: EventFrame, fault: Fault): readonly EventFrame[] {
  const broken = getConnectionBreak(fault)
  // A stall after some events is one in the middle of a plain answer.
  if (fault.stall) return (fault.after_events ?? 0) === 0 ? [stallFrame] : [cutFrame(whole, true), stallFrame]
  return broken === null ? [whole] : breakOff(whole, broken)
}

/** A whole body would be a clean end, so the last byte is never sent. */
function breakOff(whole: EventFrame, { kind, place }: ConnectionBreak): readonly EventFrame[] {
  if (whole.bytes.length === 0) return [createBreakFrame(kind)]
  return [cutFrame(whole, place), createBreakFrame(kind)]
}

function cutFrame(whole: EventFrame, place: ConnectionBreak['place']): EventFrame {
  const length = Math.min(findCutPlace([whole], place, null), whole.bytes.length - 1)
  if (length === 0) return emptyFrame
  const tokens = (whole.tokens * length) / whole.bytes.length
  return { ...whole, bytes: whole.bytes.subarray(0, length), tokens }
}

/** Members that the answer has no place for are ignored, and its notice names them. */
function getNotice({ headers }: Reply, fault: Fault, route: Route): Readonly<Record<string, string>> {
  const names = createsMessage(route) ? streamMembers : [...streamMembers, 'wrong_usage' as const]
  const ignored = names.filter((name) => fault[name] !== undefined)
  if (ignored.length === 0) return {}
  const notice = `the fault's members without effect on this answer: ${ignored.join(', ')}`
  const before = headers['x-anthology-notice']
  return { 'x-anthology-notice': toHeaderText(before === undefined ? notice : `${before}; ${notice}`) }
}

const streamMembers = ['missing', 'between_events_ms'] as const
