/** The secrets that a credential source has received while running, for the redaction of logs and answers. */
export interface LearnedSecrets {
  /** The latest ones; a new array after each `add` of a new one. */
  readonly list: readonly string[]
  add(secrets: readonly (string | undefined)[]): void
}

/**
 * Earlier secrets have expired, or do so within the hour. Each is searched for in every answer of its account, so the
 * list is bounded.
 */
const maxLearned = 32

export function createLearnedSecrets(): LearnedSecrets {
  let list: readonly string[] = []
  return {
    get list() {
      return list
    },
    add: (secrets) => {
      const added = secrets.filter((secret) => secret !== undefined && !list.includes(secret))
      if (added.length > 0) list = [...list, ...added].filter(isText).slice(-maxLearned)
    },
  }
}

function isText(secret: string | undefined): secret is string {
  return secret !== undefined
}
