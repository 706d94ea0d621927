import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

import { models } from '@anthology/catalog'
import { apiVersions } from '@anthology/wire'

import manifest from '../../package.json' with { type: 'json' }
import type { Context } from '../command.ts'
import { formatBytes } from './data-folder.ts'
import { fail, ok, warn } from './finding.ts'
import type { Finding } from './finding.ts'

const minNodeMajor = 24

export function inspectVersions(): readonly Finding[] {
  const node = process.versions.node
  const newest = newestDay()
  return [
    Number(node.split('.')[0]) >= minNodeMajor
      ? ok('This machine', 'Node', node)
      : fail('This machine', 'Node', [
          `${node} is older than ${minNodeMajor}`,
          'Run npm start, which installs a newer version, or install one.',
        ]),
    ok('This machine', 'Anthology', manifest.version),
    ok('This machine', 'catalog', `${models.length} models, the newest released on ${newest}`),
    ok('This machine', 'API versions', apiVersions.join(', ')),
  ]
}

/** The free disk space at the data folder, or where it will be created. */
export async function inspectDisk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(existingParent(folder))
  const freeBytes = bavail * bsize
  const text = `${formatBytes(freeBytes)} free for the data folder`
  if (freeBytes < minBytes.fail)
    return fail('This machine', 'disk', [
      text,
      'Free some space: if the ledger cannot write, the server rejects calls.',
    ])
  if (freeBytes < minBytes.warn) return warn('This machine', 'disk', [text, 'Free some space soon.'])
  return ok('This machine', 'disk', text)
}

const minBytes = { fail: 64 * 1024 * 1024, warn: 1024 * 1024 * 1024 }

function existingParent(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existingParent(dirname(folder))
}

/** Compares the clock with external ones: an upstream's, or at least the catalog's date. */
export function inspectClock(nowMs: number, othersMs: number | null): Finding {
  const today = new Date(nowMs).toISOString().slice(0, 10)
  const newest = newestDay()
  if (today < newest)
    return fail('Clock', 'date', [
      `the clock is at ${today}, but the catalog has a model released on ${newest}`,
      'Set the clock: prices, lifecycles and signatures depend on it.',
    ])
  if (othersMs === null) return ok('Clock', 'date', `${today} in UTC, not compared with another clock`)
  const seconds = Math.round(Math.abs(nowMs - othersMs) / 1000)
  const text = `${today} in UTC, ${seconds} s difference to the upstream`
  if (seconds > maxSeconds.fail)
    return fail('Clock', 'date', [
      text,
      'Set the clock: signed requests are rejected at a difference of five minutes.',
    ])
  return seconds > maxSeconds.warn
    ? warn('Clock', 'date', [text, 'Synchronize the clock over the network (NTP).'])
    : ok('Clock', 'date', text)
}

const maxSeconds = { fail: 300, warn: 30 }

function newestDay(): string {
  return models.map(({ lifecycle }) => lifecycle.anthropic.released ?? '').reduce((a, b) => (a > b ? a : b))
}

/** Lists the set variables that could cause costs; their values are never read further. */
export function inspectKeys({ env }: Pick<Context, 'env'>, configText: string): readonly Finding[] {
  const seen = credentialVariables.filter((name) => (env[name] ?? '') !== '')
  if (seen.length === 0) return [ok('Keys', 'environment', 'no provider key is set')]
  return seen.map((name) => {
    if (configText.includes(`\${${name}}`)) return ok('Keys', name, 'set and used by the configuration')
    const use = ownVariables.get(name) ?? (liveVariables.has(name) ? 'serve --live would use it' : null)
    return ok(
      'Keys',
      name,
      ownVariables.has(name) ? `set: ${use}` : `set but not used${use === null ? '' : `; ${use}`}`,
    )
  })
}

const ownVariables: ReadonlyMap<string, string> = new Map([
  ['ANTHOLOGY_KEY', 'a key of the server, and the key that chat sends'],
  ['ANTHOLOGY_ADMIN_KEY', 'the admin key of the server, which explain sends'],
])

const liveVariables: ReadonlySet<string> = new Set(['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'])

const credentialVariables: readonly string[] = [
  ...ownVariables.keys(),
  ...liveVariables,
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_AWS_API_KEY',
  'ANTHROPIC_FOUNDRY_API_KEY',
  'ANTHROPIC_VERTEX_PROJECT_ID',
  'AWS_ACCESS_KEY_ID',
  'AWS_BEARER_TOKEN_BEDROCK',
  'AWS_PROFILE',
  'GOOGLE_APPLICATION_CREDENTIALS',
]
