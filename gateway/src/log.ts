/** One thing that happened, as plain data. `level` is what an operator filters by. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error'
  readonly event: string
  readonly [field: string]: string | number | boolean | null | undefined
}

export type Log = (entry: LogEntry) => void

/** The one layer between the gateway and any log: no credential passes it, known ones by value and others by their look. */
export function createLog(write: (entry: LogEntry) => void, secrets: readonly string[]): Log {
  const redact = createRedactor(secrets)
  return (entry) => {
    const clean: Record<string, LogEntry[string]> = {}
    for (const [name, value] of Object.entries(entry))
      clean[name] = typeof value === 'string' ? redact(value) : value
    write({ ...entry, ...clean })
  }
}

export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = secrets
    .filter((secret) => secret.length >= shortestSecret)
    .sort((a, b) => b.length - a.length)
  return (text) => {
    let clean = text
    for (const secret of known) clean = clean.replaceAll(secret, redacted)
    return clean.replace(credentialLike, redacted)
  }
}

export const redacted = '[redacted]'

/** Shorter values would turn ordinary words into `[redacted]`. */
const shortestSecret = 8

/** Keys of Anthropic and of ours, bearer tokens, AWS access key ids. */
const credentialLike = /sk-(?:ant|anthology)-[\w-]{8,}|Bearer\s+[\w.~+/=-]{8,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g
