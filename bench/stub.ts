// The upstream of every run: it answers Messages requests from memory. It implements only the necessary
// part of HTTP/1.1 on a bare socket, because it must cost a fraction of the measured servers; `node:http`
// alone would cost more than half of the floor.
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { crc32 } from 'node:zlib'

import { createInvokeStreamEncoder } from '@anthology/wire'

import { announce } from './announce.ts'
import { eventsPerStream, framesPerPacedStream, pacedMark } from './traffic.ts'

const eventsPerWrite = 8
const lastChunk = Buffer.from('0\r\n\r\n')

const message = {
  id: 'msg_01StubStubStubStubStubSt',
  type: 'message',
  role: 'assistant',
  model: 'claude-opus-4-1-20250805',
  content: [{ type: 'text', text: 'A canned answer, of the length that a short reply has. '.repeat(6) }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: {
    input_tokens: 210,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: 72,
    service_tier: 'standard',
  },
}

const plainAnswer = encodePlain(JSON.stringify(message))

/** A platform's stream: its head, and each event as an HTTP chunk. */
interface StreamFormat {
  readonly head: Buffer
  readonly encode: (event: StreamEvent) => Buffer
}

interface StreamEvent {
  readonly type: string
  readonly [member: string]: unknown
}

const sse: StreamFormat = { head: encodeHead('text/event-stream; charset=utf-8'), encode: encodeEvent }
const invokeEncoder = createInvokeStreamEncoder({ crc32 })
/** The frames of Amazon Bedrock. */
const frames: StreamFormat = {
  head: encodeHead('application/vnd.amazon.eventstream'),
  encode: (event) => encodeChunk(Buffer.from(invokeEncoder.encode(encodeText(event)))),
}

const openingEvents: readonly StreamEvent[] = [
  {
    type: 'message_start',
    message: {
      ...message,
      content: [],
      stop_reason: null,
      usage: { ...message.usage, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
]
const closingEvents: readonly StreamEvent[] = [
  { type: 'content_block_stop', index: 0 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: eventsPerStream },
  },
  { type: 'message_stop' },
]
const fullSpeedWrites = new Map([sse, frames].map((format) => [format, cutIntoWrites(format)]))

const server = createServer({ noDelay: true }, serve)
server.listen(0, '127.0.0.1', () => announce(server))

function serve(socket: Socket): void {
  let request: Buffer[] = []
  let size = 0
  let isComplete: ((bytes: Buffer, size: number) => boolean) | null = null
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes: Buffer) => {
    request.push(bytes)
    size += bytes.length
    if (isComplete === null) {
      // A split head is joined; a body is kept in its chunks.
      if (request.length > 1) request = [Buffer.concat(request)]
      isComplete = readHead(request[0] ?? bytes)
    }
    if (isComplete === null || !isComplete(bytes, size)) return
    // The members that select the response precede the prompt. A server may send the head and each piece of the
    // body by itself, so they are in one of the first chunks.
    const start = request
      .slice(0, 8)
      .map((piece) => piece.toString('latin1', 0, 2_000))
      .join('')
    request = []
    size = 0
    isComplete = null
    answer(socket, start)
  })
}

/** Returns a test for the end of a request; null while the head is incomplete. Clients do not pipeline here. */
function readHead(bytes: Buffer): ((latest: Buffer, size: number) => boolean) | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return null
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1]
  if (length === undefined) return (latest) => latest.subarray(-5).equals(lastChunk)
  const total = end + 4 + Number(length)
  return (_, size) => size >= total
}

function answer(socket: Socket, start: string): void {
  const isInvoked = start.includes('/invoke-with-response-stream')
  const format = isInvoked ? frames : sse
  if (!isInvoked && !start.includes('"stream":true')) socket.write(plainAnswer)
  else if (start.includes(pacedMark)) streamPaced(socket, format, readGap(start))
  else streamAtFullSpeed(socket, fullSpeedWrites.get(format) ?? [])
}

function readGap(start: string): number {
  const at = start.indexOf(pacedMark) + pacedMark.length
  return Number.parseInt(start.slice(at, at + 6), 10)
}

/** One write per turn of the event loop, like the packets of a fast upstream. */
function streamAtFullSpeed(socket: Socket, writes: readonly Buffer[]): void {
  let next = 0
  const write = () => {
    const bytes = writes[next]
    if (bytes === undefined || socket.destroyed) return
    next += 1
    socket.write(bytes)
    setImmediate(write)
  }
  write()
}

/** One event every `gapMs`, each with the time at which it was written. */
function streamPaced(socket: Socket, format: StreamFormat, gapMs: number): void {
  socket.write(encodeOpening(format))
  let sent = 0
  const timer = setInterval(() => {
    if (socket.destroyed) return clearInterval(timer)
    if (sent === framesPerPacedStream) {
      clearInterval(timer)
      socket.write(encodeClosing(format))
      return
    }
    sent += 1
    // The monotonic clock is shared by all processes of a machine.
    socket.write(format.encode(createDelta(`@${process.hrtime.bigint() / 1_000n}@`)))
  }, gapMs)
}

function cutIntoWrites(format: StreamFormat): readonly Buffer[] {
  const deltas = Array.from({ length: eventsPerStream }, (_, index) =>
    format.encode(createDelta(`word ${index} `)),
  )
  const writes: Buffer[] = [encodeOpening(format)]
  for (let at = 0; at < deltas.length; at += eventsPerWrite)
    writes.push(Buffer.concat(deltas.slice(at, at + eventsPerWrite)))
  return [...writes, encodeClosing(format)]
}

function encodeOpening({ head, encode }: StreamFormat): Buffer {
  return Buffer.concat([head, ...openingEvents.map(encode)])
}

function encodeClosing({ encode }: StreamFormat): Buffer {
  return Buffer.concat([...closingEvents.map(encode), lastChunk])
}

function encodePlain(body: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

function encodeHead(type: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n`,
  )
}

function createDelta(text: string): StreamEvent {
  return { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }
}

/** An event as its own HTTP chunk. */
function encodeEvent(event: StreamEvent): Buffer {
  return encodeChunk(encodeText(event))
}

function encodeText(event: StreamEvent): Buffer {
  return Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
}

function encodeChunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}
