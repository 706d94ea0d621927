import { createEmulator, listenEmulator } from '@anthology/emulator'
import type { Fault } from '@anthology/emulator'
import { afterAll, expect, onTestFinished, test } from 'vitest'

import { findPython } from './python.ts'

// Anthropic's Python SDK and boto3 with one retry: an extra check if a Python has them.
const python = await findPython({ modules: ['boto3', 'anthropic'], packages: ['boto3', 'anthropic'] })

const faults: Readonly<Record<string, Fault>> = {
  'status 400': { status: 400 },
  'a rate limit': { rate_limit: true, retry_after: 0.001 },
  'an overload': { overloaded: true, retry_after: 0.001 },
  'an error event': { error_event: 'overloaded_error', after_events: 4, retry_after: 0.001 },
  'a reset': { reset: true },
  'a cut': { cut: { after_events: 4 } },
  'no message_stop': { missing: 'message_stop' },
  'broken JSON': { malformed: 'json', after_events: 3 },
  'a broken frame': { malformed: 'frame', after_events: 3 },
}

if (python.ok) {
  afterAll(() => python.close())

  test(`the Python SDK ${python.version} and boto3 raise their own errors`, async () => {
    const emulator = createEmulator()
    const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
    onTestFinished(() => server.close())

    const seen: unknown = JSON.parse(await python.run('python-faults.py', server.url, JSON.stringify(faults)))

    // Our own script prints an object of objects with the names of classes.
    const named = Object.entries(seen as Record<string, Record<string, string>>).map(([name, kinds]) => [
      name,
      Object.entries(kinds).map(([kind, outcome]) => `${outcome} x${count(`${name}, ${kind}`)}`),
    ])
    expect(Object.fromEntries(named)).toEqual(expected)

    function count(label: string): number {
      return emulator.requests.filter(({ headers }) => headers['x-case'] === label).length
    }
  })
} else {
  test(`no fault met a Python client: ${python.because}`, () => {
    expect(python.because).toMatch(/not here/)
  })
}

/**
 * In the order of the script: a plain and a streamed message, `converse` and `converse_stream` of boto3, which takes an
 * answer that is no JSON for an empty one.
 */
const expected: Readonly<Record<keyof typeof faults, readonly string[]>> = {
  'status 400': [
    'BadRequestError x1',
    'BadRequestError x1',
    'ValidationException x1',
    'ValidationException x1',
  ],
  'a rate limit': [
    'RateLimitError x2',
    'RateLimitError x2',
    'ThrottlingException x2',
    'ThrottlingException x2',
  ],
  'an overload': [
    'OverloadedError x2',
    'OverloadedError x2',
    'ServiceUnavailableException x2',
    'ServiceUnavailableException x2',
  ],
  'an error event': [
    'OverloadedError x2',
    'APIStatusError x1',
    'ServiceUnavailableException x2',
    'EventStreamError x1',
  ],
  'a reset': [
    'APIConnectionError x2',
    'APIConnectionError x2',
    'ConnectionClosedError x2',
    'ConnectionClosedError x2',
  ],
  'a cut': ['APIConnectionError x2', 'RemoteProtocolError x1', 'ok x1', 'ProtocolError x1'],
  'no message_stop': ['ok x1', 'ok x1', 'ok x1', 'ok x1'],
  'broken JSON': ['JSONDecodeError x1', 'JSONDecodeError x1', 'ok x1', 'ok x1'],
  'a broken frame': ['JSONDecodeError x1', 'JSONDecodeError x1', 'ok x1', 'ChecksumMismatch x1'],
}
