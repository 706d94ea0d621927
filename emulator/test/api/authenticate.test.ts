import { describe, expect, test } from 'vitest'

import { authenticate } from '../../src/api/authenticate.ts'

const version = { 'anthropic-version': '2023-06-01' }

describe('an encoding of the body', () => {
  test.each(['gzip', 'br', 'GZIP, br'])('%s is rejected by name', (encoding) => {
    expect(authenticate({ ...version, 'content-encoding': encoding }, null)).toEqual({
      ok: false,
      error: {
        status: 400,
        message: `content-encoding: "${encoding.toLowerCase()}" is not supported for request bodies`,
        errorCode: 'request_body_encoding_unsupported',
      },
    })
  })

  test.each(['', 'identity'])('%j means no encoding', (encoding) => {
    expect(authenticate({ ...version, 'content-encoding': encoding }, null)).toMatchObject({ ok: true })
  })
})
