import { relative } from 'node:path'

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

/** The flag that names the data folder in a command to paste, with a blank before it; empty for the default folder. */
export function createDataFlag(cwd: string, dataFolder: string): string {
  const folder = relative(cwd, dataFolder) || '.'
  return folder === '.anthology' ? '' : ` --data ${quoteForShell(folder)}`
}

/** Quotes a word for a POSIX shell, if it needs it. */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** The address that signs a browser in at the console. A fragment is never sent to a server, so no log can contain it. */
export function createSignInLink(url: string, token: string): string {
  return `${url}/console/#sign-in=${token}`
}
