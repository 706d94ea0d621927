import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseVertexPath, vertexResource } from '../../src/google/vertex-path.ts'

const models = 'publishers/anthropic/models'

describe('a path of Google Cloud', () => {
  test.each([
    [
      `/v1/projects/p-1/locations/us-east5/${models}/claude-opus-4-1@20250805:rawPredict`,
      {
        prefix: '/v1',
        project: 'p-1',
        location: 'us-east5',
        model: 'claude-opus-4-1@20250805',
        method: 'rawPredict',
      },
    ],
    [
      `/projects/p/locations/global/${models}/claude-opus-5:streamRawPredict`,
      { prefix: '', project: 'p', location: 'global', model: 'claude-opus-5', method: 'streamRawPredict' },
    ],
    [
      `/any/prefix/v1beta1/projects/p/locations/eu/${models}/claude-opus-4%4020250514%3ArawPredict`,
      {
        prefix: '/any/prefix/v1beta1',
        project: 'p',
        location: 'eu',
        model: 'claude-opus-4@20250514',
        method: 'rawPredict',
      },
    ],
    [
      `/v1/projects/example.com:p%2Fq/locations/us/${models}/a:b:streamRawPredict`,
      { prefix: '/v1', project: 'example.com:p/q', location: 'us', model: 'a:b', method: 'streamRawPredict' },
    ],
    [
      `/v1/projects/p/locations/us/${models}/count-tokens:rawPredict`,
      { prefix: '/v1', project: 'p', location: 'us', model: null, method: 'rawPredict' },
    ],
    [
      `/projects/a/projects/p/locations/us/${models}/m:rawPredict`,
      { prefix: '/projects/a', project: 'p', location: 'us', model: 'm', method: 'rawPredict' },
    ],
  ])('%s is parsed', (path, expected) => {
    expect(parseVertexPath(path)).toEqual(expected)
  })

  test.each([
    '',
    '/',
    '/v1/messages',
    `/v1/projects/p/locations/us/${models}/m`,
    `/v1/projects/p/locations/us/${models}/:rawPredict`,
    `/v1/projects/p/locations/us/${models}/m:predict`,
    `/v1/projects/p/locations/us/${models}/m:RawPredict`,
    `/v1/projects/p/locations/us/${models}/m:rawPredict/`,
    `/v1/projects/p/locations/us/${models}/count-tokens:streamRawPredict`,
    `/v1/projects//locations/us/${models}/m:rawPredict`,
    '/v1/projects/p/locations/us/publishers/google/models/gemini:rawPredict',
    `/v1/projects/p/locations/%zz/${models}/m:rawPredict`,
    `/v1/projects/p/locations/us/${models}/%ff:rawPredict`,
    `v1/projects/p/locations/us/${models}/m:rawPredict`,
    `xprojects/p/locations/us/${models}/m:rawPredict`,
    `/v1projects/p/locations/us/${models}/m:rawPredict`,
  ])('%j is not a path of Google Cloud', (path) => {
    expect(parseVertexPath(path)).toBeNull()
  })

  test('round-trips any names, encoded as the SDKs encode them', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(name, name, name, (project, location, model) => {
        const [p, l, m] = [project, location, model].map(encodeURIComponent)

        const path = parseVertexPath(`/v1/projects/${p}/locations/${l}/${models}/${m}:rawPredict`)

        expect(path).toEqual({ prefix: '/v1', project, location, model, method: 'rawPredict' })
      }),
    )
  })

  test('any text is handled without throwing', () => {
    fc.assert(
      fc.property(fc.webPath(), (text) => {
        expect(() => parseVertexPath(text)).not.toThrow()
      }),
    )
  })

  test('a long one is parsed quickly', () => {
    expect(parseVertexPath('/projects/p/locations/us'.repeat(2_000))).toBeNull()
  })
})

test('the resource has the name that platform errors use', () => {
  const path = parseVertexPath(`/v1/projects/p/locations/us/${models}/count-tokens:rawPredict`)
  if (path === null) throw new Error('no path')

  expect(vertexResource(path, 'claude-opus-5')).toBe(
    'projects/p/locations/us/publishers/anthropic/models/claude-opus-5',
  )
})
