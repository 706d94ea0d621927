import type { Fingerprint } from '../random.ts'

/**
 * Adds a value to a fingerprint, member by member in order: a tool input with another key order is another prompt
 * (docs.claude.com, build-with-claude/prompt-caching). Iterative, because a client controls the depth of its values.
 */
export function addContent(fingerprint: Fingerprint, value: unknown): void {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (next instanceof Delimiter) fingerprint.add(next.text)
    else if (typeof next === 'string') {
      fingerprint.add('"')
      fingerprint.add(next)
    } else if (typeof next === 'object' && next !== null) pushMembers(open, next)
    else fingerprint.add(String(next))
  }
}

/** Distinguishes delimiters on the stack from values. */
class Delimiter {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const delimiters = { list: new Delimiter('['), members: new Delimiter('{'), end: new Delimiter('}') } as const

/** Pushes in reverse order, because the stack is read from its end. */
function pushMembers(open: unknown[], value: object): void {
  open.push(delimiters.end)
  if (Array.isArray(value)) {
    for (let index = value.length - 1; index >= 0; index -= 1) open.push(value[index])
    open.push(delimiters.list)
  } else {
    for (const [name, member] of Object.entries(value).toReversed()) open.push(member, name)
    open.push(delimiters.members)
  }
}
