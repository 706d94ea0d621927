import { createHash, createHmac } from 'node:crypto'
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SignatureError } from '../../src/aws/authorization.ts'
import type { SignedRequest } from '../../src/aws/canonical-request.ts'
import { deriveSigningKey, readSignature, verifySignature } from '../../src/aws/sigv4.ts'
import type { Signature, SignatureHashes, VerifyingOptions } from '../../src/aws/sigv4.ts'

describe('a request signed by AWS clients', () => {
  test('is accepted, whatever the path, the query, the headers and the body', async () => {
    await fc.assert(
      fc.asyncProperty(randomRequest(), async (request) => {
        const signed = await sign(request)

        expect(verify(signed)).toEqual({ ok: true })
      }),
      { numRuns: 300 },
    )
  })

  test('is rejected if any signed part changes', async () => {
    await fc.assert(
      fc.asyncProperty(randomRequest(), fc.constantFrom(...alterations), async (request, alter) => {
        const signed = await sign(request)

        const refusal = verify(alter(signed))

        expect(refusal).toMatchObject({ ok: false, type: 'InvalidSignatureException' })
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['an id with colons encoded', '/model/us.anthropic.claude-opus-4-1-20250805-v1%3A0/invoke'],
    ['an id with bare colons', '/model/us.anthropic.claude-opus-4-1-20250805-v1:0/invoke'],
    [
      'an ARN',
      '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.anthropic.claude-opus-4-1-20250805-v1%3A0/invoke',
    ],
    [
      'an ARN with bare colons',
      '/model/arn:aws:bedrock:us-east-1:123456789012:application-inference-profile%2Fabc123/converse-stream',
    ],
    ['a prefix', '/gateway/bedrock/model/anthropic.claude-opus-5/invoke-with-response-stream'],
    ['characters that encodeURIComponent leaves', "/model/a!b'c(d)e*f~g/invoke"],
  ])('is accepted for %s', async (_, path) => {
    expect(verify(await sign({ ...plain, path }))).toEqual({ ok: true })
  })

  test('is rejected if its path was decoded on the way', async () => {
    const signed = await sign({ ...plain, path: '/model/a%3Ab/invoke' })

    const refusal = verify({ ...signed, request: { ...signed.request, target: '/model/a:b/invoke' } })

    expect(refusal).toMatchObject({ ok: false, type: 'InvalidSignatureException' })
  })

  test.each([
    ['only host and date', { host: 'localhost:7171' }],
    ['the authority of HTTP/2', { ':authority': 'localhost:7171', 'content-length': '2' }],
    ['headers with spaces in odd places', { host: 'h', 'x-stainless-lang': '  js \t and   more ' }],
    ['a header that is empty', { host: 'h', accept: '' }],
  ])('is accepted with %s', async (_, headers) => {
    expect(verify(await sign({ ...plain, headers }))).toEqual({ ok: true })
  })

  test('is accepted when a signed :authority arrives as host, and vice versa', async () => {
    const http2 = await sign({ ...plain, headers: { ':authority': 'gateway:7171' } })
    const http1 = await sign({ ...plain, headers: { host: 'gateway:7171' } })

    expect(verify(withHeaders(http2, { ':authority': undefined, host: 'gateway:7171' }))).toEqual({
      ok: true,
    })
    expect(verify(withHeaders(http1, { ':authority': 'gateway:7171', host: undefined }))).toEqual({
      ok: true,
    })
  })

  test('is accepted without a payload hash, as most clients send it', async () => {
    const signed = await sign(plain)

    expect(signed.request.headers['x-amz-content-sha256']).toBeUndefined()
    expect(verify(signed)).toEqual({ ok: true })
  })

  test('is accepted with no, one or several spaces after the commas', async () => {
    const signed = await sign(plain)
    const header = String(signed.request.headers['authorization'])

    for (const comma of [',', ', ', ',   ', ' ,\t'])
      expect(verify(withHeaders(signed, { authorization: header.replaceAll(', ', comma) }))).toEqual({
        ok: true,
      })
  })

  test('may have unsigned headers that a proxy added', async () => {
    const signed = await sign(plain)

    expect(verify(withHeaders(signed, { 'x-amz-cf-id': 'abc', 'x-forwarded-for': '::1' }))).toEqual({
      ok: true,
    })
  })

  test("can be verified with the day's signing key instead of the secret", async () => {
    const { request, body } = await sign(plain)
    const signature = accepted(readSignature(request, { nowMs }))
    const key = deriveSigningKey(
      secret,
      { date: '20260830', region: 'us-east-1', service: 'bedrock' },
      hashes,
    )

    expect(verifySignature(signature, key, body, { hashes })).toEqual({ ok: true })
    expect(verifySignature(signature, key.fill(0), body, { hashes })).toMatchObject({ ok: false })
  })
})

test('derives the signing key of the example in the AWS documentation', () => {
  const key = deriveSigningKey(
    'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    { date: '20150830', region: 'us-east-1', service: 'iam' },
    hashes,
  )

  expect(Buffer.from(key).toString('hex')).toBe(
    'c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9',
  )
})

test('identifies the signer before the body is available', async () => {
  const { request } = await sign(plain)

  const signature = accepted(readSignature(request, { nowMs }))

  expect(signature).toMatchObject({
    accessKeyId: 'AKIAANTHOLOGYTEST000',
    scope: { date: '20260830', region: 'us-east-1', service: 'bedrock' },
    sessionToken: null,
    contentSha256: null,
    signedAt: '20260830T123600Z',
  })
})

describe('the hash of the payload', () => {
  test('must match the body if the header is sent', async () => {
    const right = await sign({
      ...plain,
      headers: { host: 'h', 'x-amz-content-sha256': hashes.sha256('{}') },
    })
    const wrong = await sign({
      ...plain,
      headers: { host: 'h', 'x-amz-content-sha256': hashes.sha256('{ }') },
    })

    expect(verify(right)).toEqual({ ok: true })
    expect(verify(wrong)).toMatchObject({ ok: false, type: 'InvalidSignatureException', message: mismatch })
  })

  test('must match the body even if the header is not signed', async () => {
    const signed = await sign(plain)

    expect(verify(withHeaders(signed, { 'x-amz-content-sha256': hashes.sha256('{}') }))).toEqual({ ok: true })
    expect(verify(withHeaders(signed, { 'x-amz-content-sha256': hashes.sha256('') }))).toMatchObject({
      ok: false,
    })
  })

  test('may be UNSIGNED-PAYLOAD only if that is enabled', async () => {
    const headers = { host: 'h', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
    const signed = await sign({ ...plain, headers })

    expect(verify(signed)).toMatchObject({ ok: false, message: mismatch })
    expect(verify(signed, { unsignedPayload: true })).toEqual({ ok: true })
    expect(verify(await sign(plain), { unsignedPayload: true })).toEqual({ ok: true })
  })

  test('may not be a streaming signature', async () => {
    const headers = { host: 'h', 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' }

    expect(verify(await sign({ ...plain, headers }), { unsignedPayload: true })).toMatchObject({ ok: false })
  })
})

describe('a session token', () => {
  test('is rejected if the credentials have none', async () => {
    const refusal = verify(await sign(plain, { sessionToken: 'FwoGZ' }))

    expect(refusal).toEqual({
      ok: false,
      type: 'UnrecognizedClientException',
      message: 'The security token included in the request is invalid.',
    })
  })

  test('must be that of the credentials, and signed', async () => {
    const signed = await sign(plain, { sessionToken: 'FwoGZ' })
    const without = await sign(plain)

    expect(verify(signed, { sessionToken: 'FwoGZ' })).toEqual({ ok: true })
    expect(verify(signed, { sessionToken: 'other' })).toMatchObject({ ok: false })
    expect(verify(without, { sessionToken: 'FwoGZ' })).toMatchObject({ ok: false })
    expect(
      verify(withHeaders(without, { 'x-amz-security-token': 'FwoGZ' }), { sessionToken: 'FwoGZ' }),
    ).toEqual({
      ok: false,
      type: 'IncompleteSignatureException',
      message: "'X-Amz-Security-Token' must be a 'SignedHeader' in the AWS Authorization.",
    })
  })
})

describe('the clock', () => {
  test.each([
    ['just within the past', 15 * 60, true],
    ['just within the future', -15 * 60, true],
    ['a second too old', 15 * 60 + 1, false],
    ['a second too new', -15 * 60 - 1, false],
    ['a day old', 24 * 3_600, false],
  ])('a signature %s', async (_, ageSeconds, ok) => {
    const { request } = await sign(plain)

    expect(readSignature(request, { nowMs: nowMs + ageSeconds * 1_000 }).ok).toBe(ok)
  })

  test("is reported in AWS's words", async () => {
    const { request } = await sign(plain)
    const hourMs = 3_600_000

    expect(readSignature(request, { nowMs: nowMs + hourMs })).toEqual({
      ok: false,
      type: 'InvalidSignatureException',
      message:
        'Signature expired: 20260830T123600Z is now earlier than 20260830T132100Z (20260830T133600Z - 15 min.)',
    })
    expect(readSignature(request, { nowMs: nowMs - hourMs })).toEqual({
      ok: false,
      type: 'InvalidSignatureException',
      message:
        'Signature not yet current: 20260830T123600Z is still later than 20260830T115100Z (20260830T113600Z + 15 min.)',
    })
  })

  test('a new date invalidates an old signature', async () => {
    const signed = await sign(plain)

    const refusal = verify(withHeaders(signed, { 'x-amz-date': '20260830T124000Z' }))

    expect(refusal).toMatchObject({ type: 'InvalidSignatureException', message: mismatch })
  })
})

describe('rejected before the body is read:', () => {
  test.each<[string, Record<string, string | undefined>, string, string]>([
    [
      'no header at all',
      { authorization: undefined },
      'MissingAuthenticationTokenException',
      'Missing Authentication Token',
    ],
    [
      'an empty header',
      { authorization: ' ' },
      'MissingAuthenticationTokenException',
      'Missing Authentication Token',
    ],
    [
      'another algorithm',
      { authorization: 'AWS4-ECDSA-P256-SHA256 Credential=a' },
      'IncompleteSignatureException',
      "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.",
    ],
    [
      'no parameters but one',
      { authorization: 'AWS4-HMAC-SHA256 Credential=a/20260830/r/bedrock/aws4_request' },
      'IncompleteSignatureException',
      "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
    ],
    [
      'a parameter that is not a pair',
      { authorization: 'AWS4-HMAC-SHA256 Credential=a/20260830/r/bedrock/aws4_request, host' },
      'IncompleteSignatureException',
      'A parameter of the Authorization header is not a valid key=value pair.',
    ],
    [
      'a host that is not signed',
      { authorization: authorization({ signed: 'x-amz-date' }) },
      'IncompleteSignatureException',
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    ],
    [
      'a date that is not signed',
      { authorization: authorization({ signed: 'host' }) },
      'IncompleteSignatureException',
      "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.",
    ],
    [
      'a missing signed header',
      { authorization: authorization({ signed: 'accept;host;x-amz-date' }) },
      'IncompleteSignatureException',
      "'accept' is named as a SignedHeader, but it does not exist in the HTTP request.",
    ],
    [
      'no date',
      { 'x-amz-date': undefined, authorization: authorization({ signed: 'host' }) },
      'IncompleteSignatureException',
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    ],
    [
      'a date in another form',
      { 'x-amz-date': '2026-08-30T12:36:00Z' },
      'InvalidSignatureException',
      "Date must be in ISO-8601 'basic format'. See http://en.wikipedia.org/wiki/ISO_8601",
    ],
    [
      'an impossible date',
      { 'x-amz-date': '20261330T123600Z', authorization: authorization({ date: '20261330' }) },
      'InvalidSignatureException',
      "Date must be in ISO-8601 'basic format'. See http://en.wikipedia.org/wiki/ISO_8601",
    ],
    [
      'another service',
      { authorization: authorization({ service: 's3' }) },
      'InvalidSignatureException',
      "Credential should be scoped to correct service: 'bedrock'. ",
    ],
    [
      'another end of the scope',
      { authorization: authorization({ terminator: 'aws5_request' }) },
      'InvalidSignatureException',
      "Credential should be scoped with a valid terminator: 'aws4_request'. ",
    ],
    [
      'a scope of another day',
      { authorization: authorization({ date: '20260829' }) },
      'InvalidSignatureException',
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260829' != '20260830', from '20260830T123600Z'.",
    ],
    [
      'a scope of four parts',
      { authorization: authorization({}).replace('/bedrock', '') },
      'IncompleteSignatureException',
      'Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.',
    ],
    [
      'a header named twice',
      { authorization: authorization({ signed: 'host;host;x-amz-date' }) },
      'IncompleteSignatureException',
      "Authorization header names a header twice in its 'SignedHeaders' parameter.",
    ],
    [
      'a signature that is not a hash',
      { authorization: authorization({ signature: 'abc' }) },
      'InvalidSignatureException',
      mismatchText(),
    ],
  ])('%s', async (_, headers, type, message) => {
    const { request } = withHeaders(await sign({ ...plain, headers: { host: 'h' } }), headers)

    expect(readSignature(request, { nowMs })).toEqual({ ok: false, type, message })
  })

  test('a presigned query', () => {
    const request = {
      method: 'POST',
      target: '/model/m/invoke?X-Amz-Algorithm=a&X-Amz-Signature=b',
      headers: {},
    }

    expect(readSignature(request, { nowMs })).toEqual({
      ok: false,
      type: 'IncompleteSignatureException',
      message: 'A signature in the query is not supported: sign the request in its Authorization header.',
    })
  })

  test('a service from the options is accepted', async () => {
    const { request } = await sign(plain, { service: 'bedrock-mantle' })

    expect(readSignature(request, { nowMs }).ok).toBe(false)
    expect(readSignature(request, { nowMs, services: ['bedrock', 'bedrock-mantle'] }).ok).toBe(true)
  })

  test('no header causes an exception', () => {
    const pieces = fc.constantFrom(
      'AWS4-HMAC-SHA256 ',
      'Credential=',
      'SignedHeaders=',
      'Signature=',
      'a/20260830/r/bedrock/aws4_request',
      'host;x-amz-date',
      '__proto__',
      '0'.repeat(64),
      ',',
      '=',
      ';',
      '/',
    )
    const header = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 10 }).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(header, fc.string(), fc.string(), (text, target, date) => {
        const headers = { authorization: text, host: 'h', 'x-amz-date': date }
        const read = readSignature({ method: 'POST', target, headers }, { nowMs })

        if (read.ok) expect(verifySignature(read, secret, new Uint8Array(0), { hashes }).ok).toBe(false)
        else expect(read.message).not.toBe('')
      }),
      { numRuns: 500 },
    )
  })
})

interface Plain {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | string[]>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

interface Signed {
  readonly request: SignedRequest
  readonly body: Uint8Array
  readonly secret: string
}

const utf8 = new TextEncoder()
const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const nowMs = Date.UTC(2026, 7, 30, 12, 36)
const mismatch = mismatchText()

const plain: Plain = {
  method: 'POST',
  path: '/model/anthropic.claude-opus-5/invoke',
  query: {},
  headers: { host: '127.0.0.1:7171', 'content-type': 'application/json' },
  body: utf8.encode('{}'),
}

const hashes: SignatureHashes = {
  sha256: (data) => createHash('sha256').update(data).digest('hex'),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest(),
}

function mismatchText(): string {
  return 'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
}

/** Signs with the signer of the AWS SDK and lays the request out as its HTTP client writes it. */
async function sign(
  request: Plain,
  options: { readonly sessionToken?: string; readonly service?: string } = {},
): Promise<Signed> {
  const { sessionToken, service = 'bedrock' } = options
  const signer = new SignatureV4({
    credentials: {
      accessKeyId: 'AKIAANTHOLOGYTEST000',
      secretAccessKey: secret,
      ...(sessionToken !== undefined && { sessionToken }),
    },
    region: 'us-east-1',
    service,
    sha256: Sha256,
    applyChecksum: false,
  })
  const { method, path, query, headers, body } = request
  const signed = await signer.sign(
    { method, path, query, headers, body, protocol: 'http:', hostname: '127.0.0.1' },
    { signingDate: new Date(nowMs) },
  )
  const lowerCase = Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value])
  return {
    request: { method, target: path + wireQuery(query), headers: Object.fromEntries(lowerCase) },
    body,
    secret,
  }
}

/** In the order of the object, which may differ from the order for signing. */
function wireQuery(query: Plain['query']): string {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function verify(
  signed: Signed,
  options: Omit<VerifyingOptions, 'hashes'> = {},
): { ok: true } | SignatureError {
  const read = readSignature(signed.request, { nowMs })
  if (!read.ok) return read
  const result = verifySignature(read, signed.secret, signed.body, { hashes, ...options })
  return result.ok ? { ok: true } : result
}

function accepted(read: Signature | SignatureError): Signature {
  if (!read.ok) throw new Error(read.message)
  return read
}

function withHeaders(signed: Signed, headers: SignedRequest['headers']): Signed {
  return { ...signed, request: { ...signed.request, headers: { ...signed.request.headers, ...headers } } }
}

function authorization(changes: {
  readonly signed?: string
  readonly date?: string
  readonly service?: string
  readonly terminator?: string
  readonly signature?: string
}): string {
  const {
    signed = 'host;x-amz-date',
    date = '20260830',
    service = 'bedrock',
    terminator = 'aws4_request',
    signature = '0'.repeat(64),
  } = changes
  return `AWS4-HMAC-SHA256 Credential=AKIA/${date}/us-east-1/${service}/${terminator}, SignedHeaders=${signed}, Signature=${signature}`
}

/** Each changes one part that a signature covers. */
const alterations: readonly ((signed: Signed) => Signed)[] = [
  (signed) => ({ ...signed, secret: `${signed.secret}x` }),
  (signed) => ({ ...signed, body: Uint8Array.of(...signed.body, 0x20) }),
  (signed) => ({ ...signed, request: { ...signed.request, method: 'PUT' } }),
  (signed) => ({ ...signed, request: { ...signed.request, target: `/x${signed.request.target}` } }),
  (signed) => ({
    ...signed,
    request: { ...signed.request, target: signed.request.target.replace('/invoke', '/invoke2') },
  }),
  (signed) => ({
    ...signed,
    request: {
      ...signed.request,
      target: `${signed.request.target}${signed.request.target.includes('?') ? '&' : '?'}zz=1`,
    },
  }),
  (signed) => withHeaders(signed, { host: 'evil.example' }),
  (signed) => withHeaders(signed, { 'x-amz-date': '20260830T123601Z' }),
  (signed) => withHeaders(signed, { 'content-type': 'text/plain' }),
  (signed) =>
    withHeaders(signed, {
      authorization: String(signed.request.headers['authorization']).replace('/us-east-1/', '/us-east-2/'),
    }),
  (signed) =>
    withHeaders(signed, {
      authorization: String(signed.request.headers['authorization']).replace(/.$/, (digit) =>
        digit === '0' ? '1' : '0',
      ),
    }),
]

function randomRequest(): fc.Arbitrary<Plain> {
  const segment = fc.oneof(
    fc.constantFrom(
      'us.anthropic.claude-opus-4-1-20250805-v1:0',
      'us.anthropic.claude-opus-4-1-20250805-v1%3A0',
      'arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.anthropic.claude-opus-5',
      'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile%2Fabc',
    ),
    fc
      .string({ unit: fc.constantFrom(...'aZ9-._~!$&()*+,;=:@%'.split('')), minLength: 3, maxLength: 12 })
      .map((text) => encodeURIComponent(text)),
  )
  const text = fc.oneof(fc.string({ maxLength: 8 }), fc.string({ unit: 'grapheme', maxLength: 4 }))
  const value = fc.string({ unit: fc.constantFrom(...'abc,;=()/ \t'.split('')), maxLength: 16 })
  return fc.record({
    method: fc.constantFrom('POST', 'GET'),
    path: fc
      .tuple(fc.constantFrom('', '/bedrock', '/a/b%20c'), segment)
      .map(([prefix, id]) => `${prefix}/model/${id}/invoke`),
    query: fc.dictionary(
      fc.string({ unit: fc.constantFrom(...'aB-_~/ é+'.split('')), minLength: 1, maxLength: 4 }),
      fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })),
      { maxKeys: 4 },
    ),
    headers: fc
      .dictionary(fc.constantFrom('accept', 'x-stainless-os', 'anthropic-beta', 'X-Amzn-Trace'), value)
      .map((headers) => ({ host: 'h:1', 'content-type': 'application/json', ...headers })),
    body: fc.uint8Array({ maxLength: 60 }),
  })
}
