/**
 * True for a text that names no day, month or year after the given day. Notes and the titles of sources are
 * sentences without a date of their own; those about later times were not known on the day.
 */
export function isKnownOn(text: string, day: string): boolean {
  const days = [...text.matchAll(/\b20\d{2}-\d{2}-\d{2}\b/g)].map(([found]) => found)
  const months = [...text.matchAll(monthForm)].map(
    ({ groups: { month = '', year = '' } = {} }) => `${year}-${monthNumbers[month.slice(0, 3)]}`,
  )
  const years = [...text.matchAll(/\b20\d{2}\b(?!-\d{2}-\d{2})/g)].map(([found]) => found)
  return [...days, ...months, ...years].every((mention) => mention <= day.slice(0, mention.length))
}

const monthForm = /\b(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? (?<year>20\d{2})\b/g

const monthNumbers: Readonly<Record<string, string>> = {
  Jan: '01',
  Feb: '02',
  Mar: '03',
  Apr: '04',
  May: '05',
  Jun: '06',
  Jul: '07',
  Aug: '08',
  Sep: '09',
  Oct: '10',
  Nov: '11',
  Dec: '12',
}

/** The texts that were known on the day; all of them without a day. */
export function keepKnown(texts: readonly string[], day: string | undefined): readonly string[] {
  return day === undefined ? texts : texts.filter((text) => isKnownOn(text, day))
}
