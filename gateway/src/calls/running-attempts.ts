/** The attempts that run, so that a server that stops can end them with an error of their API. */
export interface RunningAttempts {
  /** Registers an attempt: `cut` is called by `cutAll`, at once if that was before. Returns a function that ends this. */
  readonly watch: (cut: () => void) => () => void
  readonly cutAll: () => void
}

export function createRunningAttempts(): RunningAttempts {
  const cuts = new Set<() => void>()
  let isCut = false
  return {
    watch(cut) {
      if (isCut) cut()
      else cuts.add(cut)
      return () => void cuts.delete(cut)
    },
    cutAll() {
      isCut = true
      // A cut ends its attempt, which removes it from the set.
      for (const cut of cuts) cut()
    },
  }
}
