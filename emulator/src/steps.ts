/**
 * Work in steps. Between two steps a server can serve other requests: a large prompt takes many passes, and all of them
 * in one turn of the event loop would delay every other request. State is read and changed within one step. Steps of a small body are
 * done at once, except before `pause`.
 */
export type Steps<Result> = Generator<undefined | 'pause', Result, undefined>

/** Does all steps at once. */
export function finishSteps<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Work in a single step. */
// oxlint-disable-next-line require-yield -- The one step ends with the return.
export function* oneStep<Result>(work: () => Result): Steps<Result> {
  return work()
}

/** A body below this size is processed at once: its steps take less time than a turn of the event loop costs. */
export const maxUnslicedBytes = 256 * 1024
