import { gzipSync, constants } from 'node:zlib'

import { encodeSome, encodeWhole, getType, writeApart, writeHead } from './fault.ts'
import type { Fault, FaultyRequest } from './fault.ts'

/** Faults, and rare features, of HTTP/1.1 itself. Most are written to the socket, because Node writes none of them. */
export const framingFaults = {
  'short-length': {
    description: 'content-length smaller than the body',
    mayBill: true,
    moves: 'none',
    answer: (request) => {
      const body = encodeWhole(request)
      const length = Math.floor(body.length * 0.8)
      request.socket.write(Buffer.concat([printHead(request, [`content-length: ${length}`]), body]))
    },
  },
  'long-length': {
    description: 'content-length larger than the body',
    mayBill: true,
    moves: 'none',
    answers: 'stream',
    answer: (request) => {
      const body = encodeWhole(request)
      request.socket.end(Buffer.concat([printHead(request, [`content-length: ${body.length + 100}`]), body]))
    },
  },
  'two-lengths': {
    description: 'content-length beside transfer-encoding',
    mayBill: true,
    moves: 'none',
    answer: (request) => {
      const fields = ['content-length: 5', 'transfer-encoding: chunked']
      const body = encodeWhole(request)
      const chunk = Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body])
      request.socket.end(Buffer.concat([printHead(request, fields), chunk, Buffer.from('\r\n0\r\n\r\n')]))
    },
  },
  'endless-head': {
    description: 'a head that never ends',
    mayBill: true,
    moves: 'none',
    answer: ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      let line = 0
      const timer = setInterval(() => socket.write(`x-line-${(line += 1)}: more\r\n`), 100)
      socket.on('error', () => {})
      socket.on('close', () => clearInterval(timer))
    },
  },
  'large-head': {
    description: 'a head larger than 16 KB',
    mayBill: true,
    moves: 'none',
    answer: (request) => {
      const fields = Array.from({ length: 20 }, (_, index) => `x-field-${index}: ${'x'.repeat(1_000)}`)
      request.socket.end(printHead(request, fields))
    },
  },
  'no-http': {
    description: 'bytes that are not HTTP',
    mayBill: true,
    moves: 'none',
    answer: ({ socket }) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
  },
  'bad-chunk': {
    description: 'a chunk without its size after the first content',
    mayBill: true,
    only: 'stream',
    moves: 'none',
    answer: (request) => {
      writeHead(request)
      writeApart(request, encodeSome(request.upstream, 0, 3), () => request.socket.end('no size\r\n'))
    },
  },
  'wrong-gzip': {
    description: 'content-encoding gzip on other bytes',
    mayBill: true,
    moves: 'stream',
    answer: (request) => {
      writeHead(request, { 'content-encoding': 'gzip' })
      request.response.end(encodeWhole(request))
    },
  },
  'cut-gzip': {
    description: 'gzip cut in the middle',
    mayBill: true,
    moves: 'none',
    answer: (request) => {
      writeHead(request, { 'content-encoding': 'gzip' })
      const { upstream, stream, response } = request
      // Flushed, so the content in it can be decoded.
      const begun = stream ? encodeSome(upstream, 0, 3) : encodeWhole(request).subarray(0, 100)
      const flushed = gzipSync(begun, { finishFlush: constants.Z_SYNC_FLUSH })
      writeApart(request, flushed, () => response.end())
    },
  },
  'unknown-encoding': {
    description: 'an unknown content-encoding',
    mayBill: true,
    moves: 'none',
    answer: (request) => {
      writeHead(request, { 'content-encoding': 'x-unknown' })
      request.response.end(encodeWhole(request))
    },
  },
  'endless-interim': {
    description: '1xx responses without end',
    mayBill: true,
    moves: 'none',
    answer: ({ socket }) => void socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(100)),
  },
  'status-101': {
    description: '101, which was not asked for',
    mayBill: true,
    moves: 'none',
    answer: ({ socket }) =>
      void socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n'),
  },
  interim: harmless('103 before the answer', (request) => {
    request.socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n')
    writeHead(request)
    request.response.end(encodeWhole(request))
  }),
  gzip: harmless('gzip, which was not asked for', (request) => {
    writeHead(request, { 'content-encoding': 'gzip' })
    request.response.end(gzipSync(encodeWhole(request)))
  }),
  trailers: harmless('trailers after the answer', (request) => {
    writeHead(request, { trailer: 'x-checksum' })
    request.response.addTrailers({ 'x-checksum': 'none' })
    request.response.end(encodeWhole(request))
  }),
  'second-response': harmless('a second response behind the answer', (request) => {
    const responses = ['first', 'nobody'].map((name) => {
      const body = encodeWhole(request, name)
      return Buffer.concat([printHead(request, [`content-length: ${body.length}`]), body])
    })
    request.socket.write(Buffer.concat(responses))
  }),
  'until-close': harmless('HTTP/1.0, where the end of the connection is the end of the body', (request) => {
    request.socket.end(
      Buffer.concat([printHead(request, ['connection: close'], '1.0'), encodeWhole(request)]),
    )
  }),
} as const satisfies Record<string, Fault>

/** The upstream's answer is whole, although its form is rare. */
function harmless(description: string, answer: (request: FaultyRequest) => void): Fault {
  return { description, mayBill: false, moves: 'none', answers: 'all', answer }
}

function printHead(request: FaultyRequest, fields: readonly string[], version = '1.1'): Buffer {
  const lines = [`HTTP/${version} 200 OK`, `content-type: ${getType(request)}`, ...fields]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}
