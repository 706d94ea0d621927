/** The schema of a whole number from `minimum`, at most the largest one that every JSON parser reads exactly. */
export const count = (description: string, minimum = 0) =>
  ({ type: 'integer', minimum, maximum: Number.MAX_SAFE_INTEGER, description }) as const
