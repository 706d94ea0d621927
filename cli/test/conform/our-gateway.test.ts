import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { checks, conformProtocols } from '../../src/conform/checks.ts'
import type { Row } from '../../src/conform/check.ts'
import { run } from '../console.ts'
import { startServer } from '../running-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const key = 'sk-anthology-conformance-key'
const limitedKey = 'sk-anthology-limited-key'
const aws = {
  accessKeyId: 'AKIAANTHCONFORMTEST1',
  secretAccessKey: 'a-secret-of-forty-letters-as-aws-has-it1',
}

test.each(conformProtocols)(
  'our gateway meets every requirement of %s',
  { timeout: 60_000 },
  async (protocol) => {
    const server = await startConformServer()
    const junit = join(temporaryFolder(), 'conform.xml')

    const credentials = ['--limited-key', limitedKey, '--aws', `${aws.accessKeyId}:${aws.secretAccessKey}`]
    const argv = ['conform', server.url, '--key', key, '--protocol', protocol, ...credentials]

    const { code, out, err } = await run([...argv, '--json', '--junit', junit])

    const { ok, rows } = JSON.parse(out) as { ok: boolean; rows: readonly Row[] }
    expect(rows.filter(({ result }) => result !== 'passed')).toEqual([])
    expect({ code, err, ok }).toEqual({ code: 0, err: '', ok: true })
    expect(rows.map(({ id }) => id)).toEqual(checks[protocol].map(({ id }) => id))
    expect(out).not.toContain(key)
    expect(readFileSync(junit, 'utf8')).toContain(`tests="${rows.length}" failures="0" skipped="0"`)
  },
)

/** The gateway with the emulator, a key that is over its limit, and one with AWS credentials. */
async function startConformServer() {
  const server = await startServer({
    // Slow enough that a stream can be seen to be relayed, and not collected.
    tokensPerSecond: 300,
    keys: [
      { id: 'conform', name: 'conform', secret: key, aws },
      { id: 'limited', name: 'limited', secret: limitedKey },
    ],
    rates: { keys: { limited: { requests_per_minute: 1 } } },
  })
  const spend = await fetch(`${server.url}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'x-api-key': limitedKey,
    },
    body: JSON.stringify({
      model: 'claude-haiku-4-5',
      max_tokens: 1,
      messages: [{ role: 'user', content: 'Hello' }],
    }),
  })
  expect(spend.status).toBe(200)
  return server
}
