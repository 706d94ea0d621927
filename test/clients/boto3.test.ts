import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, onTestFinished, test } from 'vitest'

import { startTarget } from './rig.ts'

// boto3 and Anthropic's Python SDK, as an extra check where there is a Python that has them. They are not in the
// lockfile of these clients; `pip install boto3 'anthropic[bedrock,vertex]'` into an environment of its own brings them.

/** The interpreter of that environment. */
const python = process.env['ANTHOLOGY_TEST_PYTHON'] ?? 'python3'
const run = promisify(execFile)
const has = await run(python, ['-c', 'import boto3, google.auth, anthropic']).then(
  () => true,
  () => false,
)
const without = has ? '' : ` (not run: ${python}, which ANTHOLOGY_TEST_PYTHON can name, has not got them)`

test.skipIf(!has)(`boto3 and the Python SDK call through the gateway${without}`, async () => {
  const target = await startTarget('gateway with emulator')
  onTestFinished(() => target.close())
  const { baseUrl, key, aws } = target
  const calls = join(import.meta.dirname, 'python-calls.py')

  const args = [calls, baseUrl, key, aws?.accessKeyId ?? '', aws?.secretAccessKey ?? '']
  const { stdout } = await run(python, args, { env: {}, timeout: 50_000 })
  const told = JSON.parse(stdout)

  const [text] = told.boto3.texts
  expect(text).toMatch(/\w/)
  expect(told.boto3).toEqual({
    texts: [text, text, text, text],
    tokens: [told.boto3.tokens[0], told.boto3.tokens[0]],
    profiles: expect.arrayContaining(['us.anthropic.claude-opus-4-5-20251101-v1:0']),
    errors: [
      ['ValidationException', 400],
      ['ResourceNotFoundException', 404],
      ['InvalidSignatureException', 403],
    ],
  })
  for (const platform of ['bedrock', 'vertex']) {
    expect(told[platform], platform).toEqual({
      texts: [text, text],
      errors: [
        ['BadRequestError', 400],
        ['NotFoundError', 404],
      ],
    })
  }
  const rows = target.calls().filter((call) => call['outcome'] === 'answered')
  expect(rows.map((call) => String(call['door'])).toSorted()).toEqual([
    ...Array<string>(6).fill('bedrock'),
    ...Array<string>(2).fill('vertex'),
  ])
  expect(rows.every((call) => call['key_id'] === 'local')).toBe(true)
})
