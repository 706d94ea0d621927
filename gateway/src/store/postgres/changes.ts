import type { Client } from 'pg'

import type { Connections } from './connections.ts'

/** Watches for changes that any process has committed. */
export interface ChangeWatch {
  /** Resolves when it has tried to listen for the first time. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

export interface ChangeWatchOptions {
  readonly connections: Connections
  /** Called after a change of a watched table, and at every poll: a notification can be lost with its connection. */
  readonly onChange: () => Promise<void>
  /** Functions that get the messages of processes, by the channel. */
  readonly onMessage?: Readonly<Record<string, (payload: string) => void>>
  /** Interval of the polls, which find what a lost notification has announced. Default: half a second. */
  readonly pollMs?: number
}

/** The channel on which triggers announce changes of keys, and those for messages between processes. */
export const changeChannel = 'anthology_changes'
export const messageChannel = 'anthology_messages'
export const newsChannel = 'anthology_answers'

/**
 * Statement triggers announce changes, so that every writer announces them: the admin API, the CLI and an operator with
 * psql.
 */
export const changeTriggers = `
CREATE OR REPLACE FUNCTION anthology_announce_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('${changeChannel}', TG_TABLE_NAME);
  RETURN NULL;
END $$;
${['keys', 'aws_credentials']
  .map(
    (table) => `
CREATE OR REPLACE TRIGGER ${table}_changed AFTER INSERT OR UPDATE OR DELETE ON ${table}
FOR EACH STATEMENT EXECUTE FUNCTION anthology_announce_change();`,
  )
  .join('\n')}
`

/** Listens on a connection of its own, opens it again when it is lost, and polls as a safety net. */
export function watchChanges({
  connections,
  onChange,
  onMessage = {},
  pollMs = defaultPollMs,
}: ChangeWatchOptions): ChangeWatch {
  let client: Client | null = null
  let opening: Promise<void> | null = null
  let closed = false
  /** The running read, and whether a change has arrived since it began. */
  let reading: Promise<void> | null = null
  let isStale = false

  /** One read at a time; a change that arrives meanwhile causes another one. The poll repeats a read that fails. */
  function read(): void {
    if (closed) return
    isStale = reading !== null
    reading ??= onChange()
      .catch(() => {})
      .finally(() => {
        reading = null
        if (isStale) read()
      })
  }

  async function open(): Promise<void> {
    const opened = await connections.open().catch(() => null)
    if (opened === null) return
    opened.on('notification', ({ channel, payload = '' }) => {
      if (channel === changeChannel) read()
      else onMessage[channel]?.(payload)
    })
    opened.once('end', () => {
      if (client === opened) client = null
    })
    try {
      for (const channel of [changeChannel, ...Object.keys(onMessage)])
        await opened.query(`LISTEN ${channel}`)
      client = opened
    } catch {
      await opened.end().catch(() => {})
    }
  }

  function poll(): void {
    if (client === null)
      opening ??= open().finally(() => {
        opening = null
      })
    read()
  }

  poll()
  const timer = setInterval(poll, pollMs)
  timer.unref()
  return {
    ready: opening ?? Promise.resolve(),
    async close() {
      closed = true
      clearInterval(timer)
      await opening
      await reading
      await client?.end().catch(() => {})
    },
  }
}

const defaultPollMs = 500
