import { RunningList } from '../auth/running-list.ts'

/** The attempts that run, so that a server that stops can end them with an error of their API. */
export interface RunningAttempts {
  /** Registers an attempt: `cut` is called by `cutAll`, at once if that was before. Returns a function that ends this. */
  readonly watch: (cut: () => void) => () => void
  readonly cutAll: () => void
}

export function createRunningAttempts(): RunningAttempts {
  const cuts = new RunningList<() => void>()
  let isCut = false
  return {
    watch(cut) {
      if (!isCut) return cuts.add(cut)
      cut()
      return () => {}
    },
    cutAll() {
      isCut = true
      for (const cut of cuts) cut()
    },
  }
}
