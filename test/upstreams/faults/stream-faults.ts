import { encodeError, encodeSome, writeApart, writeHead } from './fault.ts'
import type { Fault, FaultyRequest } from './fault.ts'
import { faultUpstreams } from './upstreams.ts'
import type { FaultUpstream } from './upstreams.ts'

/** Answers that begin well, and streams that stop or break. */
export const streamFaults = {
  silence: { description: 'no answer in time', mayBill: true, moves: 'none', answer: () => {} },
  reset: {
    description: 'reset before the head',
    mayBill: true,
    moves: 'none',
    answer: ({ socket }) => socket.resetAndDestroy(),
  },
  'reset-after-head': {
    description: 'reset after the head',
    mayBill: true,
    moves: 'stream',
    answer: (request) => {
      writeBeginning(request)
      setImmediate(() => request.socket.destroy())
    },
  },
  'reset-late': {
    description: 'reset after the first content',
    mayBill: true,
    only: 'stream',
    moves: 'none',
    answer: (request) => {
      writeHead(request)
      writeApart(request, encodeSome(request.upstream, 0, 3), () => request.socket.destroy())
    },
  },
  'error-early': {
    ...inStream('error event before the first content', (upstream) => [
      encodeSome(upstream, 0, 1),
      encodeError(upstream),
    ]),
    moves: 'stream',
  },
  'error-late': inStream('error event after the first content', (upstream) => [
    encodeSome(upstream, 0, 3),
    encodeError(upstream),
  ]),
  'cut-early': {
    ...inStream('frame cut before the first content', (upstream) => [
      encodeSome(upstream, 0, 1).subarray(0, -20),
    ]),
    moves: 'stream',
  },
  'cut-late': inStream('frame cut after the first content', (upstream) => [
    encodeSome(upstream, 0, 3),
    encodeSome(upstream, 3, 4).subarray(0, -20),
  ]),
  'corrupt-early': {
    ...inStream('wrong checksum, or half an event, before the first content', (upstream) => [
      encodeSome(upstream, 0, 1),
      corrupt(upstream),
    ]),
    moves: 'stream',
  },
  corrupt: inStream('wrong checksum, or half an event', (upstream) => [
    encodeSome(upstream, 0, 3),
    corrupt(upstream),
  ]),
  'silence-after-head': {
    description: 'silence after the head',
    mayBill: true,
    moves: 'stream',
    answer: writeBeginning,
  },
  'silence-in-stream': {
    description: 'silence after the first content',
    mayBill: true,
    only: 'stream',
    moves: 'none',
    answer: (request) => {
      writeHead(request)
      request.response.write(encodeSome(request.upstream, 0, 3))
    },
  },
  'close-before-usage': cutBeforeEnd('closed after all content', 4, ({ socket }) => socket.end()),
  'reset-before-usage': cutBeforeEnd('reset after all content', 4, ({ socket }) => socket.resetAndDestroy()),
  'end-before-usage': cutBeforeEnd('ended after all content', 4, ({ response }) => response.end()),
  'close-before-stop': cutBeforeEnd('closed before message_stop', 5, ({ socket }) => socket.end()),
  'reset-before-stop': cutBeforeEnd('reset before message_stop', 5, ({ socket }) => socket.resetAndDestroy()),
  'end-before-stop': cutBeforeEnd('ended before message_stop', 5, ({ response }) => response.end()),
} as const satisfies Record<string, Fault>

/** The head, and of a plain answer its first bytes. */
function writeBeginning(request: FaultyRequest): void {
  writeHead(request)
  request.response.write(request.stream ? '' : '{"id":"msg_01",')
}

function inStream(description: string, encode: (upstream: FaultUpstream) => readonly Buffer[]): Fault {
  return {
    description,
    mayBill: true,
    only: 'stream',
    moves: 'none',
    answer: (request) => {
      writeHead(request)
      const [begun = empty, ...rest] = encode(request.upstream)
      writeApart(request, begun, () => request.response.end(Buffer.concat(rest)))
    },
  }
}

/** A stream with all of its content, but without the last events. The usage of the answer is in the fifth. */
function cutBeforeEnd(description: string, events: number, cut: (request: FaultyRequest) => void): Fault {
  return {
    description: events > 4 ? description : `${description}, without the usage`,
    mayBill: true,
    ...(events > 4 && { reportsUsage: true }),
    only: 'stream',
    moves: 'none',
    answer: (request) => {
      writeHead(request)
      writeApart(request, encodeSome(request.upstream, 0, events), () => cut(request))
    },
  }
}

const empty = Buffer.alloc(0)

/** A frame with a wrong checksum, or, in text, a whole frame with half of its event, as a proxy may cut it. */
function corrupt(upstream: FaultUpstream): Buffer {
  if (faultUpstreams[upstream].format !== 'bedrock')
    return Buffer.from('event: content_block_delta\ndata: {"type":"content_block_delta","del\n\n')
  const frame = encodeSome(upstream, 3, 4)
  frame[frame.length - 1] = (frame.at(-1) ?? 0) ^ 1
  return frame
}
