// The upstream of every run: it answers Messages requests from memory. It implements only the necessary
// part of HTTP/1.1 on a bare socket, because it must cost a fraction of the measured servers; `node:http`
// alone would cost more than half of the floor.
import { createServer } from 'node:net'
import type { Socket } from 'node:net'

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
const streamHead = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n',
)
const opening = Buffer.concat([
  encodeEvent({
    type: 'message_start',
    message: {
      ...message,
      content: [],
      stop_reason: null,
      usage: { ...message.usage, output_tokens: 1 },
    },
  }),
  encodeEvent({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
])
const closing = Buffer.concat([
  encodeEvent({ type: 'content_block_stop', index: 0 }),
  encodeEvent({
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: eventsPerStream },
  }),
  encodeEvent({ type: 'message_stop' }),
  lastChunk,
])
const fullSpeedWrites = cutIntoWrites()

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
  if (!start.includes('"stream":true')) socket.write(plainAnswer)
  else if (start.includes(pacedMark)) streamPaced(socket, readGap(start))
  else streamAtFullSpeed(socket)
}

function readGap(start: string): number {
  const at = start.indexOf(pacedMark) + pacedMark.length
  return Number.parseInt(start.slice(at, at + 6), 10)
}

/** One write per turn of the event loop, like the packets of a fast upstream. */
function streamAtFullSpeed(socket: Socket): void {
  let next = 0
  const write = () => {
    const bytes = fullSpeedWrites[next]
    if (bytes === undefined || socket.destroyed) return
    next += 1
    socket.write(bytes)
    setImmediate(write)
  }
  write()
}

/** One event every `gapMs`, each with the time at which it was written. */
function streamPaced(socket: Socket, gapMs: number): void {
  socket.write(Buffer.concat([streamHead, opening]))
  let sent = 0
  const timer = setInterval(() => {
    if (socket.destroyed) return clearInterval(timer)
    if (sent === framesPerPacedStream) {
      clearInterval(timer)
      socket.write(closing)
      return
    }
    sent += 1
    // The monotonic clock is shared by all processes of a machine.
    socket.write(encodeDelta(`@${process.hrtime.bigint() / 1_000n}@`))
  }, gapMs)
}

function cutIntoWrites(): Buffer[] {
  const deltas = Array.from({ length: eventsPerStream }, (_, index) => encodeDelta(`word ${index} `))
  const writes: Buffer[] = [Buffer.concat([streamHead, opening])]
  for (let at = 0; at < deltas.length; at += eventsPerWrite)
    writes.push(Buffer.concat(deltas.slice(at, at + eventsPerWrite)))
  return [...writes, closing]
}

function encodePlain(body: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

function encodeDelta(text: string): Buffer {
  return encodeEvent({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })
}

/** An event as its own HTTP chunk. */
function encodeEvent(event: { readonly type: string; readonly [member: string]: unknown }): Buffer {
  const text = `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`)
}
