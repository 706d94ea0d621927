import { limitNames } from '../config/config-schema.ts'
import type { Limits } from '../limits.ts'
import type { Metric } from './metric.ts'
import { metric } from './metric-table.ts'

/** What is counted as having reached each limit: the type leaves none out. Refusals name their limit themselves. */
export const limitTriggers: Readonly<Record<keyof Limits, string>> = {
  bodyBytes: "a call's body was refused, by its content-length or while it was read",
  batchBodyBytes: "a new batch's body was refused, by its content-length or while it was read",
  batchRequests: 'a new batch was refused for its number of items',
  fileBytes: 'an upload was refused, by its content-length or while it was passed through',
  heldBodyBytes: 'a body was refused because those of other calls fill the memory set aside',
  reservedBodyBytes:
    'a large body was refused because only small ones may take the rest of the memory set aside',
  headerBytes: 'a request was refused for its headers',
  headersMs: 'a connection was closed before its first byte, or a request before the end of its headers',
  requestMs: 'a request was refused before the end of its body',
  lingerMs: 'the rest of a refused body was still coming when its connection was closed',
  clientIdleMs: 'a connection was closed, or a stream of HTTP/2, whose client took nothing of an answer',
  keepAliveMs: 'a connection without a request was closed',
  connectMs: "an attempt ended because an upstream's connection did not come about",
  upstreamFirstByteMs: 'an attempt ended because an upstream did not begin its answer',
  upstreamIdleMs: 'an answer ended because its upstream fell silent',
  callMs: 'an answer ended because the whole of it took too long',
  upstreamConnections: 'a request took the last connection to its upstream, or waited for one',
  plainAnswerBytes: 'an answer that is held whole was too large',
  resultLineBytes: "a line of a batch's results went out unmetered",
  pendingResults: "a batch's results had to wait for the ledger",
  listConcurrency: 'the objects of a list had to wait for each other',
  sweepMs: 'a look for unsettled batches began',
  sweepBatches: 'a look for unsettled batches left some to the next one',
  frameBytes: 'a stream ended because one of its events was too long',
  streamEndMs: 'an upstream kept a stream open behind its last event',
  ledgerWaitMs: 'an answer went out before the ledger had confirmed its row',
  drainMs: 'calls were cut off at the end of the process',
  connections: 'a connection was closed because all places were taken',
  connectionsPerAddress: 'a connection was closed because its address had as many as it may',
  headerPairs: 'a request was refused for the number of its header fields',
  pipelinedRequests: 'a connection was closed that sent requests without waiting for answers',
  concurrentStreams: 'an HTTP/2 connection had as many streams open as it may',
  streamWindowBytes: 'nothing is counted: an HTTP/2 client waits until what it sent was read',
  connectionStateBytes: 'nothing is counted: Node refuses the stream',
  streamResets: 'an HTTP/2 connection was closed that took back too many requests',
  controlFrames: 'an HTTP/2 connection was closed that sent too many PING or SETTINGS frames',
  floodWindowMs: 'nothing is counted: it is the span in which the two above count',
  concurrentCalls: 'a call had to wait for its turn at its upstream',
  queuedCalls: 'a call was refused because too many waited for its upstream',
  queueMs: 'a call was refused because its turn would not have come in time',
  openStreams: 'a stream was refused because too many were open',
  openStreamsPerKey: 'a stream was refused because its key had too many open',
}

export type LimitCounts = Record<keyof Limits, number>

/** A count of zero for each limit. */
export function createLimitCounts(): LimitCounts {
  // The table above has every name exactly once.
  return Object.fromEntries(Object.keys(limitTriggers).map((name) => [name, 0])) as LimitCounts
}

/** Each limit as configured, under its name in `anthology.yaml`. */
export function createLimitMetric(limits: Limits): Metric {
  return metric(
    'anthology_limit',
    [...limitNames].map(([name, limit]) => ({ labels: { name }, value: limits[limit] })),
  )
}

/** How often limits were reached; whoever counts some of them gives only those. */
export function createReachedMetric(counts: Partial<LimitCounts>): Metric {
  return metric(
    'anthology_limit_reached_total',
    [...limitNames].flatMap(([name, limit]) => {
      const value = counts[limit]
      return value === undefined ? [] : [{ labels: { name }, value }]
    }),
  )
}
