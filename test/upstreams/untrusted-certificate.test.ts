import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { createAccount, defaultLimits } from '@anthology/gateway'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { run } from '../../cli/test/console.ts'
import { temporaryFolder } from '../../cli/test/temporary-folder.ts'
import { ask } from '../../gateway/test/http-client.ts'
import { plain, startUpstream } from '../../gateway/test/recording-upstream.ts'
import { httpAccount, localKey, startGateway } from '../../gateway/test/running-gateway.ts'
import { callBody, message, opus } from '../../gateway/test/samples.ts'
import { startUnreachableServers } from './faults/connection-faults.ts'
import type { UnreachableServers } from './faults/connection-faults.ts'

let servers: UnreachableServers

beforeAll(async () => {
  servers = await startUnreachableServers()
})

afterAll(() => servers.close())

const adminKey = 'admin-key-of-the-certificate-tests-00000'

const certificates = [
  ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT', /NODE_EXTRA_CA_CERTS/],
  ['expired', 'CERT_HAS_EXPIRED', /renew it there/],
  ['other-host', 'ERR_TLS_CERT_ALTNAME_INVALID', /name that host in base_url/],
] as const

test.each(certificates)(
  'a certificate that is not trusted (%s): the client gets the answer of the next upstream, the operator the reason',
  async (name, code) => {
    const good = await startUpstream(plain(message))
    const bad = createAccount(
      { platform: 'anthropic', name: 'bad', base_url: servers.urls[name], api_key: 'sk-ant-not-a-real-key' },
      defaultLimits,
    )
    const gateway = await startGateway({
      accounts: [bad, httpAccount(good.url)],
      adminKey,
      routing: { groups: [['bad'], ['recorder']], circuit: { failures: 1 } },
    })
    const reason = `upstream 'bad' has a TLS certificate that is not trusted (${code})`

    const answer = await gateway.post(callBody)
    const { text } = await ask(`${gateway.url}/admin/v1/upstreams`, { headers: { 'x-api-key': adminKey } })
    writeFileSync(join(gateway.dataFolder, 'admin-key'), adminKey)
    writeFileSync(join(gateway.dataFolder, 'local-key'), localKey)
    const own = ['--port', String(gateway.port), '--data', gateway.dataFolder]
    const findings = await runDoctor('  - platform: emulator\n', own)

    expect(answer).toMatchObject({ status: 200, headers: { 'x-anthology-upstream': 'recorder' } })
    expect(gateway.log).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        event: 'attempt_failed',
        upstream: 'bad',
        model: opus,
        because: reason,
      }),
    )
    // The schema of the admin API.
    const { data } = JSON.parse(text) as { data: readonly { name: string; health: readonly object[] }[] }
    expect(data.find((upstream) => upstream.name === 'bad')?.health).toMatchObject([
      { state: 'open', failures: 1, last_failure: reason },
    ])
    expect(findings.filter((each) => each.name === 'upstreams')).toMatchObject([
      { state: 'warn', text: expect.stringContaining(reason) },
    ])
  },
)

test.each(certificates)(
  'doctor names the reason and the next step for a certificate that is not trusted (%s), on every platform',
  async (name, code, next) => {
    const url = servers.urls[name]
    const claude = `  - { name: claude, platform: anthropic, base_url: "${url}", api_key: not-a-real-api-key }\n`
    const cloud = `  - { name: cloud, platform: bedrock, region: us-east-1, base_url: "${url}", bearer_token: not-a-real-token }\n`

    const findings = await runDoctor(claude + cloud, ['--port', '1'])

    for (const upstream of ['claude', 'cloud'])
      expect(findings.find((each) => each.name === upstream)).toMatchObject({
        state: 'fail',
        next: expect.stringMatching(next),
      })
    expect(findings.find((each) => each.name === 'cloud')?.text).toContain(
      `certificate that is not trusted (${code})`,
    )
  },
)

interface Finding {
  readonly name: string
  readonly state: string
  readonly text: string
  readonly next: string | null
}

async function runDoctor(upstreams: string, flags: readonly string[]): Promise<readonly Finding[]> {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'anthology.yaml'), `upstreams:\n${upstreams}`)
  const { out } = await run(['doctor', '--json', ...flags], { cwd })
  return (JSON.parse(out) as { findings: readonly Finding[] }).findings // The output of `doctor --json`.
}
