import { expect, test } from 'vitest'

import { findCharsetProblem, findHeadProblem } from '../../src/http/request-problem.ts'

const host = ['host', 'localhost']

test.each([
  ['1.1', host],
  ['1.0', []],
  ['1.1', [...host, 'Transfer-Encoding', ' CHUNKED ']],
  ['1.1', [...host, 'TE', 'trailers, deflate;q=0.5']],
  ['1.1', [...host, 'x-forwarded-host', 'another']],
])('HTTP/%s with %j is well-formed', (httpVersion, rawHeaders) => {
  expect(findHeadProblem({ httpVersion, isHttp2: false, rawHeaders })).toBeNull()
})

test.each([
  ['0.9', host, /version/],
  ['2.0', host, /version/],
  ['1.1', [...host, 'HOST', 'localhost'], /^host: /],
  ['1.1', [...host, 'transfer-encoding', 'gzip, chunked'], /^transfer-encoding: /],
  ['1.1', [...host, 'transfer-encoding', 'identity'], /^transfer-encoding: /],
  ['1.1', [...host, 'transfer-encoding', 'xchunked'], /^transfer-encoding: /],
  ['1.1', [...host, 'transfer-encoding', ''], /^transfer-encoding: /],
  ['1.0', [...host, 'transfer-encoding', 'chunked'], /^transfer-encoding: /],
  ['1.1', [...host, 'te', 'gzip, chunked'], /^te: /],
  ['1.1', [...host, 'te', 'Chunked;q=0.1'], /^te: /],
])('HTTP/%s with %j is malformed', (httpVersion, rawHeaders, problem) => {
  expect(findHeadProblem({ httpVersion, isHttp2: false, rawHeaders })).toMatch(problem)
})

test.each([
  [[':authority', 'a'], true],
  [['host', 'a'], true],
  [[':authority', 'a:80', 'host', 'A:80'], true],
  [[':authority', 'a', 'host', 'b'], false],
  [['host', 'a', 'host', 'a', ':authority', 'a'], false],
])('in HTTP/2 %j names one host: %s', (rawHeaders, isOne) => {
  expect(findHeadProblem({ httpVersion: '2.0', isHttp2: true, rawHeaders }) === null).toBe(isOne)
})

test.each([
  [undefined, true],
  ['application/json', true],
  ['application/json; charset=utf-8', true],
  ['application/json;charset="UTF8"', true],
  ['application/json; charset=US-ASCII', true],
  ['multipart/form-data; boundary=x; charset=utf-16', true],
  ['application/json; charset=utf-16', false],
  ['application/json; a=b; CHARSET = "UTF-16BE"', false],
  ['application/json; charset=utf-32', false],
  ['application/json; charset=iso-8859-1', false],
  ['application/json; charset=', false],
])('a body of %j is read: %s', (contentType, isRead) => {
  expect(findCharsetProblem(contentType) === null).toBe(isRead)
})
