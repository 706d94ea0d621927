import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { readThreadMs } from '../../../test/thread-time.ts'
import { createRedactor } from '../../src/cassettes/redaction/redactor.ts'
import { isSecretMember, isSecretName, secretForms } from '../../src/redaction/secrets.ts'
import { redactText } from '../../src/requests/redact.ts'

/** A text with one secret for each form of the table; the secret is what the second member has. */
const examples: Readonly<Record<string, readonly (readonly [before: string, secret: string])[]>> = {
  'Anthropic key': [['', 'sk-ant-api03-Zz9-abcdefghijkl']],
  'Anthology key': [['', 'sk-anthology-0123456789abcdef']],
  'OpenAI key': [
    ['', 'sk-proj-abcdefghijklmnop'],
    ['', 'sk-abcdefghijklmnopqrst0123'],
  ],
  'AWS access key id': [
    ['', 'AKIAIOSFODNN7EXAMPLE'],
    ['', 'ASIAIOSFODNN7EXAMPLE'],
  ],
  'AWS session token': [['', `IQoJb3JpZ2lu${'aB3+/'.repeat(10)}`]],
  'AWS signature': [['Signature=', 'c0ffee'.repeat(10) + 'abcd']],
  'Bedrock API key': [
    ['', `ABSK${'aB3'.repeat(9)}`],
    ['', `bedrock-api-key-${'aB3'.repeat(9)}`],
  ],
  'AWS account': [['arn:aws:bedrock:us-east-1:', '123456789012']],
  'AWS account in a URL': [['arn%3Aaws%3Abedrock%3Aus-east-1%3A', '123456789012']],
  'Google access token': [['', 'ya29.a0AfB_byDEADBEEF.DEADBEEF']],
  'Google API key': [['', `AIza${'aB3-_'.repeat(7)}`]],
  'GitHub token': [
    ['', `ghp_${'aB3'.repeat(12)}`],
    ['', `github_pat_${'aB3_'.repeat(8)}`],
  ],
  'Slack token': [['', 'xoxb-0123456789-abcdef']],
  'OpenAI organization': [['', 'org-0123456789abcdefABCD']],
  'JSON Web Token': [
    ['', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLWJ5dGVz'],
    ['', 'eyJhbGciOiJkaXIifQ0.c2lnbmF0dXJl.c2lnbmF0dXJlLWJ5dGVz'],
  ],
  'bearer token': [['Bearer ', 'abcdefghijkl1234']],
  'secret in a URL': [
    ['https://mcp.example/mcp?api_key=', 'canary0canary'],
    ['https://files.example/a.pdf?X-Goog-Date=1&X-Goog-Signature=', 'c0ffee'.repeat(80)],
    ['https://files.example/a.pdf?sv=1&amp;sig=', 'aB3%2Faa%3D%3Daaa'],
  ],
  'private key': [['', '-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----']],
}

describe('the table of secrets', () => {
  test('has an example for each of its forms', () => {
    expect(Object.keys(examples)).toEqual(secretForms.map(({ name }) => name))
  })

  test.each(Object.entries(examples))(
    '%s is redacted alike in recordings and in lists of requests',
    (_, list) => {
      const redactor = createRedactor([])
      for (const [before, secret] of list)
        for (const start of ['', ' ', '"', '=', '%20', String.raw`\n`, 'Use ', '/']) {
          const text = `${start}${before}${secret} and more`
          const clean = redactText(text)

          expect(clean).toBe(`${start}${before}[redacted] and more`)
          expect(redactor.redact(text)).toBe(clean)
        }
    },
  )

  test('leaves ordinary words, and gives the same result for both uses', () => {
    const words = [
      'task-ant-hill',
      'risk-anthology',
      'AKIA',
      'eyJ.x.y',
      'task-force-organization',
      'sk-it',
      'org-chart',
      'https://a.example/?page_token=canary0canary',
      'https://a.example/?key=a-word-of-words&monkey=canary0canary',
    ]

    for (const word of words) expect(redactText(word)).toBe(word)
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(...listAll())), { maxLength: 6 }),
        (parts) => {
          const text = parts.join('')

          expect(createRedactor([]).redact(text)).toBe(redactText(text))
        },
      ),
    )
  })

  test('takes time linear in a hostile text', () => {
    const measure = (length: number) => {
      const texts = [
        'sk-',
        'eyJaaaaaaaa.',
        'Bearer a',
        'arn:aws:a:a:',
        'org-',
        '%20AKI',
        '?key=a',
        '&a_',
        '-----BEGIN ',
      ].map((part) => part.repeat(length / part.length))
      const startMs = readThreadMs()
      for (const text of texts) redactText(text)
      return readThreadMs() - startMs
    }
    measure(50_000)
    const short = Math.min(...[1, 2, 3].map(() => measure(50_000)))
    const long = Math.min(...[1, 2, 3].map(() => measure(400_000)))

    // Quadratic time would take 64 times as long for 8 times the length.
    expect(long).toBeLessThan(32 * Math.max(short, 5))
  })

  test.each([
    'authorization',
    'Proxy-Authorization',
    'x-api-key',
    'api-key',
    'apikey',
    'ocp-apim-subscription-key',
    'cookie',
    'set-cookie2',
    'x-amz-security-token',
    'X-Amz-Signature',
    'X-Amz-Credential',
    'access_token',
    'key',
    'openai-organization',
    'client-secret',
  ])('%s is the name of a secret', (name) => {
    expect(isSecretName(name)).toBe(true)
  })

  test.each([
    'accept',
    ':authority',
    'anthropic-version',
    'content-type',
    'x-monkey',
    'tokenizer',
    'max_tokens',
  ])('%s is not', (name) => {
    expect([isSecretName(name), isSecretMember(name)]).toEqual([false, false])
  })
})

function listAll(): readonly string[] {
  return Object.values(examples).flatMap((list) => list.map(([before, secret]) => before + secret))
}
