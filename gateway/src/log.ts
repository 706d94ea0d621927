/** One event, as plain data. Operators filter by `level`. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error'
  readonly event: string
  readonly [field: string]: string | number | boolean | null | undefined
}

export type Log = (entry: LogEntry) => void

/** The only way into a log. It redacts credentials: known ones by value, others by their format. */
export function createLog(write: (entry: LogEntry) => void, secrets: readonly string[]): Log {
  const redact = createRedactor(secrets)
  return (entry) => {
    // Nearly every entry is clean, so one check of its joined text is enough.
    const text = getText(entry)
    write(redact(text) === text ? entry : redactFields(entry, redact))
  }
}

function getText(entry: LogEntry): string {
  let text = ''
  for (const name in entry) {
    const value = entry[name]
    if (typeof value === 'string') text += `${value}\n`
  }
  return text
}

function redactFields(entry: LogEntry, redact: (text: string) => string): LogEntry {
  const clean: Record<string, LogEntry[string]> = {}
  for (const [name, value] of Object.entries(entry))
    clean[name] = typeof value === 'string' ? redact(value) : value
  return { ...entry, ...clean }
}

export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = secrets
    .filter((secret) => secret.length >= minSecretLength)
    .sort((a, b) => b.length - a.length)
  return (text) => {
    let clean = text
    for (const secret of known) clean = clean.replaceAll(secret, redacted)
    return clean.replace(credentialLike, redacted)
  }
}

/** Redacts our own credential from a response in which an upstream, such as a debugging proxy, echoes it. */
export function removeSecrets(body: Uint8Array, secrets: readonly string[]): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (!secrets.some((secret) => secret !== '' && bytes.includes(secret))) return body
  // In latin1 every byte is one character, so the rest of the body keeps its bytes.
  let text = bytes.toString('latin1')
  for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, redacted)
  return Buffer.from(text, 'latin1')
}

export const redacted = '[redacted]'

/** Shorter values would turn ordinary words into `[redacted]`. */
const minSecretLength = 8

/** Anthropic's keys and ours, bearer tokens, AWS access key ids. */
const credentialLike = /sk-(?:ant|anthology)-[\w-]{8,}|Bearer\s+[\w.~+/=-]{8,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g
