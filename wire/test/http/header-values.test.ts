import { describe, expect, test } from 'vitest'
import { joinHeaders, readBearer, readBetas } from '../../src/http/header-values.ts'

test('joins the values of each header in their order, and leaves out what was not sent', () => {
  expect(joinHeaders({ one: 'a', two: ['b', 'c'], none: undefined })).toEqual({ one: 'a', two: 'b, c' })
})

describe('betas', () => {
  test.each<[string | readonly string[] | undefined, readonly string[]]>([
    [undefined, []],
    ['', []],
    ['a', ['a']],
    ['a,b, c ,,a', ['a', 'b', 'c', 'a']],
    [
      ['a, b', 'c'],
      ['a', 'b', 'c'],
    ],
  ])('of %j are %j', (header, betas) => {
    expect(readBetas(header)).toEqual(betas)
  })
})

describe('the token', () => {
  test.each([
    ['Bearer abc', 'abc'],
    [' bearer   abc ', 'abc'],
    ['BEARER sk-1/2+3=', 'sk-1/2+3='],
    ['Basic abc', null],
    ['Bearer', null],
    ['Bearer ', null],
    ['Bearer a b', null],
    ['xBearer a', null],
    ['', null],
    [undefined, null],
  ])('of %j is %j', (authorization, token) => {
    expect(readBearer(authorization)).toBe(token)
  })
})
