/** The secrets that a credential source has received while running, for the redaction of logs and answers. */
export interface LearnedSecrets {
  /** The latest ones; a new array after each `add` of a new one. */
  readonly list: readonly string[]
  /** Those that requests carry, so that an answer can contain them. */
  readonly sent: readonly string[]
  add(secrets: readonly (string | undefined)[]): void
  /** For one that signs requests, and never leaves this process. */
  addSigning(secret: string): void
}

/**
 * Earlier secrets have expired, or do so within the hour. Each is searched for in every answer of its account, so the
 * list is bounded.
 */
const maxLearned = 32

export function createLearnedSecrets(): LearnedSecrets {
  let sent: readonly string[] = []
  let signing: readonly string[] = []
  let list: readonly string[] = []
  return {
    get list() {
      return list
    },
    get sent() {
      return sent
    },
    add: (secrets) => {
      const all = extend(sent, secrets)
      if (all === sent) return
      sent = all
      list = [...signing, ...sent]
    },
    addSigning: (secret) => {
      const all = extend(signing, [secret])
      if (all === signing) return
      signing = all
      list = [...signing, ...sent]
    },
  }
}

/** The same list if nothing is new. */
function extend(list: readonly string[], secrets: readonly (string | undefined)[]): readonly string[] {
  const added = secrets.filter((secret) => secret !== undefined && !list.includes(secret))
  return added.length === 0 ? list : [...list, ...added].filter(isText).slice(-maxLearned)
}

function isText(secret: string | undefined): secret is string {
  return secret !== undefined
}
