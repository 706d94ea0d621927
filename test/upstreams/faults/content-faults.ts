import { printMessage } from '../platform-answers.ts'
import { encodeSome, getType, writeApart, writeHead } from './fault.ts'
import type { Fault } from './fault.ts'

/** Success statuses, and redirects, without the answer that was asked for. */
export const contentFaults = {
  page: {
    description: 'a web page with status 200',
    mayBill: true,
    moves: 'stream',
    answer: ({ response }) => void response.writeHead(200, { 'content-type': 'text/html' }).end(page),
  },
  'page-as-answer': {
    description: 'a web page with the content-type of an answer',
    mayBill: true,
    moves: 'stream',
    answer: (request) => {
      writeHead(request)
      request.response.end(page)
    },
  },
  'page-in-stream': {
    description: 'a web page after the first content',
    mayBill: true,
    only: 'stream',
    moves: 'none',
    answer: (request) => {
      writeHead(request)
      writeApart(request, encodeSome(request.upstream, 0, 3), () => request.response.end(page))
    },
  },
  'message-for-stream': {
    description: 'one message where a stream was asked for',
    mayBill: true,
    only: 'stream',
    moves: 'none',
    answer: ({ response }) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(printMessage('first')),
  },
  'stream-for-message': {
    description: 'a stream where one message was asked for',
    mayBill: true,
    only: 'plain',
    moves: 'none',
    answer: ({ upstream, response }) => {
      const type = getType({ upstream, stream: true })
      response.writeHead(200, { 'content-type': type }).end(encodeSome(upstream, 0, 6))
    },
  },
  'error-in-success': {
    description: 'an error of the Claude API with status 200',
    mayBill: false,
    moves: 'all',
    answer: ({ response }) =>
      void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'),
  },
  'empty-200': {
    description: '200 without a body',
    mayBill: true,
    moves: 'stream',
    answer: (request) => {
      writeHead(request)
      request.response.end()
    },
  },
  'status-204': {
    description: '204',
    mayBill: true,
    moves: 'stream',
    answer: ({ response }) => void response.writeHead(204).end(),
  },
  redirect: {
    description: '307 to another host',
    mayBill: false,
    moves: 'all',
    answer: ({ response }) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
  },
} as const satisfies Record<string, Fault>

/** With the blank lines that end an event. */
const page = '<html>\n<head><title>Sign in</title></head>\n\n<body>Sign in</body>\n</html>\n\n'
