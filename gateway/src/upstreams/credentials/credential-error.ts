/** No credential was obtained. The message says what was tried and what to do; it is for the operator, not for clients. */
export class CredentialError extends Error {
  readonly code = 'CREDENTIAL_UNAVAILABLE'

  constructor({
    tried,
    cause,
    hint,
  }: {
    readonly tried: string
    readonly cause: unknown
    readonly hint: string
  }) {
    super(`no credential from ${tried}: ${describe(cause)}. ${hint}`, { cause })
    this.name = 'CredentialError'
  }
}

function describe(cause: unknown): string {
  const text = cause instanceof Error ? getMessage(cause) : String(cause)
  return text
    .replaceAll(/\s+/g, ' ')
    .replace(/[.\s]+$/, '')
    .slice(0, maxLength)
}

/** `fetch` has the reason of a failure in its cause. */
function getMessage({ message, cause }: Error): string {
  return message === 'fetch failed' && cause instanceof Error ? `${message}: ${cause.message}` : message
}

/** A metadata server may answer with a page. */
const maxLength = 500
