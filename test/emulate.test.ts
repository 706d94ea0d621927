import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { expect, onTestFinished, test } from 'vitest'

import { repository } from './anthology-process.ts'

test('the greeting lists the base URL for each kind of client', async () => {
  const { url, greeting } = await emulate()

  expect(greeting).toContain(`ANTHROPIC_BASE_URL=${url}\n`)
  expect(greeting).toContain(`ANTHROPIC_BEDROCK_BASE_URL=${url} `)
  expect(greeting).toContain(`AWS_ENDPOINT_URL_BEDROCK_RUNTIME=${url})`)
  expect(greeting).toContain(`ANTHROPIC_VERTEX_BASE_URL=${url}/v1\n`)
})

test('signatures are verified with the given AWS credentials', async () => {
  const { url } = await emulate(['--aws-pair', 'AKIDONE:secret:1', '--aws-pair', 'AKIDTWO:secret/2'], {
    ANTHOLOGY_AWS_ACCESS_KEY_ID: 'AKIDTHREE',
    ANTHOLOGY_AWS_SECRET_ACCESS_KEY: 'secret+3',
  })
  const statuses = [
    invoke(url, 'AKIDONE', 'secret:1'),
    invoke(url, 'AKIDTWO', 'secret/2'),
    invoke(url, 'AKIDTHREE', 'secret+3'),
    invoke(url, 'AKIDONE', 'secret/2'),
    invoke(url, 'AKIDFOUR', 'secret:1'),
  ]

  expect(await Promise.all(statuses)).toEqual([200, 200, 200, 403, 403])
})

/** Starts `anthology emulate` on a free port until the end of the test. */
async function emulate(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly url: string; readonly greeting: string }> {
  const binary = join(repository, 'cli/bin/anthology.js')
  const child = spawn(process.execPath, [binary, 'emulate', '--port', '0', ...args], {
    cwd: tmpdir(),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  onTestFinished(() => stop(child))
  let greeting = ''
  for await (const part of child.stdout ?? []) {
    greeting += String(part)
    if (/Vertex.*\n/.test(greeting)) break
  }
  return { url: /http:\/\/127\.0\.0\.1:\d+/.exec(greeting)?.[0] ?? '', greeting }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function invoke(url: string, accessKeyId: string, secretAccessKey: string): Promise<number> {
  const { host, hostname } = new URL(url)
  const path = '/model/us.anthropic.claude-opus-5/invoke'
  const body = JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 50,
    messages: [{ role: 'user', content: 'Hello!' }],
  })
  const signer = new SignatureV4({
    service: 'bedrock',
    region: 'us-east-1',
    sha256: Sha256,
    credentials: { accessKeyId, secretAccessKey },
  })
  const { headers } = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname,
    path,
    headers: { host, 'content-type': 'application/json' },
    body,
  })
  return (await fetch(url + path, { method: 'POST', headers, body })).status
}
