import { expect, test } from 'vitest'

import { matchRoute } from '../../src/http/route.ts'

test.each([
  ['POST', '/v1/messages', { kind: 'call', operation: 'messages' }],
  ['POST', '/v1/messages?beta=true', { kind: 'call', operation: 'messages' }],
  ['POST', '/v1/messages?x=//../%2f', { kind: 'call', operation: 'messages' }],
  ['POST', '/any/prefix/v1/messages', { kind: 'call', operation: 'messages' }],
  ['POST', '/messages', { kind: 'call', operation: 'messages' }],
  ['POST', '/v1/messages/count_tokens?beta=true', { kind: 'call', operation: 'count_tokens' }],
  ['GET', '/v1/models?limit=5', { kind: 'models' }],
  ['GET', '/v1/models/claude-3-haiku-20240307', { kind: 'model', name: 'claude-3-haiku-20240307' }],
  ['GET', '/p/v1/models/claude-opus-4-1%4020250805', { kind: 'model', name: 'claude-opus-4-1@20250805' }],
  ['GET', '/models', { kind: 'models' }],
  ['GET', '/v1/models/', { kind: 'models' }],
  ['GET', '/models/claude-opus-5-5', { kind: 'model', name: 'claude-opus-5-5' }],
  ['GET', '/v1/models/claude-opus-5-5/', { kind: 'model', name: 'claude-opus-5-5' }],
  ['POST', '/v1/chat/completions', { kind: 'call', operation: 'chat' }],
  ['POST', '/v1/chat/completions/', { kind: 'call', operation: 'chat' }],
  ['POST', '/chat/completions', { kind: 'call', operation: 'chat' }],
  ['POST', '/any/chat/completions/?api-version=1', { kind: 'call', operation: 'chat' }],
  ['GET', '/v1/models/a%2Fb', { kind: 'model', name: 'a/b' }],
  ['GET', '/v1/models/broken%E0', { kind: 'model', name: 'broken%E0' }],
  ['POST', '/v1/messages/batches', { kind: 'batches', action: 'create' }],
  ['GET', '/p/v1/messages/batches?limit=2', { kind: 'batches', action: 'list' }],
  ['GET', '/v1/messages/batches/msgbatch_1', { kind: 'batch', action: 'retrieve', id: 'msgbatch_1' }],
  ['DELETE', '/v1/messages/batches/msgbatch_1', { kind: 'batch', action: 'delete', id: 'msgbatch_1' }],
  ['POST', '/v1/messages/batches/msgbatch_1/cancel', { kind: 'batch', action: 'cancel', id: 'msgbatch_1' }],
  ['GET', '/v1/messages/batches/b/results?beta=true', { kind: 'batch', action: 'results', id: 'b' }],
  ['POST', '/v1/files', { kind: 'files', action: 'create' }],
  ['GET', '/v1/files', { kind: 'files', action: 'list' }],
  ['GET', '/v1/files/file_1', { kind: 'file', action: 'retrieve', id: 'file_1' }],
  ['DELETE', '/any/v1/files/file_1', { kind: 'file', action: 'delete', id: 'file_1' }],
  ['GET', '/v1/files/file_1/content', { kind: 'file', action: 'content', id: 'file_1' }],
  ['GET', '/v1/files/messages', { kind: 'file', action: 'retrieve', id: 'messages' }],
  ['GET', '/', { kind: 'welcome' }],
  ['GET', '/healthz', { kind: 'health' }],
  ['HEAD', '/readyz?x', { kind: 'ready' }],
  ['GET', '/metrics', { kind: 'metrics' }],
  ['POST', '/admin', { kind: 'admin', path: '/admin' }],
  ['POST', '/admin/v1/explain?key=ci', { kind: 'admin', path: '/admin/v1/explain' }],
  ['POST', '/admin/v1/messages', { kind: 'admin', path: '/admin/v1/messages' }],
  ['POST', '/admin/../v1/messages', { kind: 'admin', path: '/admin/../v1/messages' }],
  ['POST', '/administrator/v1/messages', { kind: 'call', operation: 'messages' }],
  ['GET', '/prefix/metrics', { kind: 'none' }],
  ['HEAD', '/api/hello', { kind: 'hello' }],
])('routes %s %s', (method, target, route) => {
  expect(matchRoute(method, target)).toEqual(route)
})

test.each([
  ['/v1/messages/'],
  ['/v1/messages/batches/'],
  ['/v1/messages/batches/a/b'],
  ['/v1/messages/batches/a/results/b'],
  ['/v1/files/'],
  ['/v1/files/a/contents'],
  ['/v1/messagesX'],
  ['/V1/MESSAGES'],
  ['/v1/models/a/b'],
  ['/v1/chat/completions/x'],
  ['/v1/chat/completions//'],
  ['/v1/projects/p/locations/l/publishers/anthropic/models/m:predict'],
  ['/v1/projects/p/locations/l/publishers/anthropic/models/m:rawPredict/'],
  ['/prefix/healthz'],
  ['/constructor'],
  ['__proto__'],
  [''],
  ['*'],
])('has no route for %s', (target) => {
  expect(matchRoute('POST', target)).toEqual({ kind: 'none' })
})

test.each([
  ['//v1/messages'],
  ['/a//v1/messages'],
  ['/../v1/messages'],
  ['/a/./v1/messages'],
  ['/a%2Fv1/messages'],
  ['/a%2f..%2fv1/v1/messages'],
  ['/%2e%2e/v1/messages'],
  ['/a%5Cb/v1/messages'],
  ['/a\\b/v1/messages'],
  ['http://elsewhere/v1/messages'],
  ['//v1/models/claude-3-haiku-20240307'],
  ['//chat/completions'],
  ['/a/../models/'],
  ['/v1/messages/batches/..'],
  ['/v1/files/a%2Fb'],
  ['/v1/files/../content'],
  ['//v1/files'],
])('rejects a path that a proxy may normalize differently: %s', (target) => {
  expect(matchRoute('POST', target)).toEqual({ kind: 'unsafe_path' })
})

test.each([
  ['GET', '/v1/messages', 'POST'],
  ['HEAD', '/v1/models', 'GET'],
  ['POST', '/models/', 'GET'],
  ['GET', '/chat/completions/', 'POST'],
  ['POST', '/v1/models/claude-3-haiku-20240307', 'GET'],
  ['DELETE', '/v1/messages/batches', 'GET, POST'],
  ['POST', '/v1/messages/batches/b', 'GET, DELETE'],
  ['GET', '/v1/messages/batches/b/cancel', 'POST'],
  ['constructor', '/v1/files', 'GET, POST'],
  ['PUT', '/v1/files/f/content', 'GET'],
  ['POST', '/', 'GET, HEAD'],
  ['OPTIONS', '/healthz', 'GET, HEAD'],
])('names the allowed methods for %s %s', (method, target, allow) => {
  expect(matchRoute(method, target)).toEqual({ kind: 'wrong_method', allow })
})
