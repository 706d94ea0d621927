/**
 * The steps that one condition or template may take on a request: a step is one character of a text for one instruction of a
 * regular expression. All of them take about two seconds at most, in which the emulator answers no other request.
 */
export const maxWorkSteps = 40_000_000

/** The steps that are left. */
export interface Work {
  left: number
}

/** A condition or a template takes more steps on this request than it may. */
export class WorkError extends Error {
  constructor(subject: string) {
    super(`${subject} takes more than ${maxWorkSteps.toLocaleString('en')} steps on this request`)
    this.name = 'WorkError'
  }
}

export function startWork(): Work {
  return { left: maxWorkSteps }
}

/** Throws a WorkError that names the subject, before the steps are taken, if fewer are left. */
export function spendWork(work: Work, steps: number, subject: string): void {
  work.left -= steps
  if (work.left < 0) throw new WorkError(subject)
}
