import { defaultData, fromFile } from './settings.ts'
import type { ChosenSettings } from './settings.ts'

/** The address at which this machine reaches a server that listens on `host`. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

/** The URL at which this machine reaches a server that listens on `host` and has this URL. */
export function createReachableUrl(url: string, host: string): string {
  const { protocol, port } = new URL(url)
  return `${protocol}//${reachableHost(host)}${port === '' ? '' : `:${port}`}`
}

/**
 * The flags with which a command, pasted into the same folder and environment, finds the data of a server, with a blank
 * before each. A password is left out of the store's URL, because a terminal keeps what it shows.
 */
export function createStoreFlags(
  { data, store }: Pick<ChosenSettings, 'data' | 'store'>,
  configFile: string | null,
): string {
  const flags: string[] = []
  if (configFile !== null && configFile !== 'anthology.yaml') flags.push('--config', configFile)
  if (data.from !== fromFile && data.value !== defaultData) flags.push('--data', data.value)
  if (store.value !== undefined && store.from === '--store') flags.push('--store', hidePassword(store.value))
  return flags.map((flag) => ` ${quoteForShell(flag)}`).join('')
}

function hidePassword(text: string): string {
  // The URL of a socket has no host, which the parser does not accept beside a user.
  if (!URL.canParse(text))
    return text
      .replace(/^(\w+:\/\/[^:/?#]*):[^/?#]*@/, '$1@')
      .replaceAll(/(?<=[?&])password=[^&#]*&?/g, '')
      .replace(/[?&]$/, '')
  const url = new URL(text)
  url.password = ''
  url.searchParams.delete('password')
  return url.href
}

/** Quotes a word for a POSIX shell, if it needs it. */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** The address that signs a browser in at the console. A fragment is never sent to a server, so no log can contain it. */
export function createSignInLink(url: string, token: string): string {
  return `${url}/console/#sign-in=${token}`
}
