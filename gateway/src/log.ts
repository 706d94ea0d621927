/** One log entry, as plain data. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error'
  readonly event: string
  readonly [field: string]: string | number | boolean | null | undefined
}

export type Log = (entry: LogEntry) => void

/**
 * Redacts every log entry: known credentials by value, others by their format. `learned` are lists that change while
 * running.
 */
export function createLog(
  write: (entry: LogEntry) => void,
  secrets: readonly string[],
  learned: readonly { readonly list: readonly string[] }[] = [],
): Log {
  let lists = learned.map(({ list }) => list)
  let redact = createRedactor([...secrets, ...lists.flat()])
  return (entry) => {
    if (learned.some(({ list }, index) => list !== lists[index])) {
      lists = learned.map(({ list }) => list)
      redact = createRedactor([...secrets, ...lists.flat()])
    }
    // Nearly every entry is clean, and one pass over its joined text is enough to detect that.
    const text = getText(entry)
    write(text.length <= maxFieldLength && redact(text) === text ? entry : cleanFields(entry, redact))
  }
}

/** An upstream can send any text as an id or a reason. */
const maxFieldLength = 4_096

function getText(entry: LogEntry): string {
  let text = ''
  for (const name in entry) {
    const value = entry[name]
    if (typeof value === 'string') text += `${value}\n`
  }
  return text
}

function cleanFields(entry: LogEntry, redact: (text: string) => string): LogEntry {
  const clean: Record<string, LogEntry[string]> = {}
  for (const [name, value] of Object.entries(entry))
    clean[name] = typeof value === 'string' ? redact(value).slice(0, maxFieldLength) : value
  return { ...entry, ...clean }
}

export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = chooseKnownSecrets(secrets)
  return (text) => replaceSecrets(text, known).replace(credentialLike, redacted)
}

/** The credentials that are redacted by value, longest first. */
export function chooseKnownSecrets(secrets: readonly string[]): readonly string[] {
  return secrets.filter((secret) => secret.length >= minRedactedLength).sort((a, b) => b.length - a.length)
}

export function replaceSecrets(text: string, known: readonly string[]): string {
  let clean = text
  for (const secret of known) clean = clean.replaceAll(secret, redacted)
  return clean
}

const redacted = '[redacted]'

/**
 * The length from which a credential is taken for a secret. Shorter ones are what
 * local engines ask for (`none`, `EMPTY`, `ollama`, `lm-studio`, `no-key-required`):
 * words that occur in ordinary responses.
 */
export const minRedactedLength = 16

/** Anthropic keys, our own keys, bearer tokens, AWS access key ids, access tokens of Google, keys of Bedrock. */
const credentialLike =
  /sk-(?:ant|anthology)-[\w-]{8,}|Bearer\s+[\w.~+/=-]{8,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bya29\.[\w.-]{8,}|\bbedrock-api-key-[\w+/=-]{8,}/g
