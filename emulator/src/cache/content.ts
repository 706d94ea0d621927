import type { Fingerprint } from '../random.ts'

/**
 * Adds a value to a fingerprint, member by member in the order in which they came: tool inputs with
 * their keys in another order are another prompt (docs.claude.com, build-with-claude/prompt-caching).
 * Walks without recursion, for a client decides how deep its values go.
 */
export function addContent(fingerprint: Fingerprint, value: unknown): void {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (next instanceof Border) fingerprint.add(next.text)
    else if (typeof next === 'string') {
      fingerprint.add('"')
      fingerprint.add(next)
    } else if (typeof next === 'object' && next !== null) pushMembers(open, next)
    else fingerprint.add(String(next))
  }
}

/** Tells punctuation on the stack from values. */
class Border {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const borders = { list: new Border('['), members: new Border('{'), end: new Border('}') } as const

/** What is pushed last is read first. */
function pushMembers(open: unknown[], value: object): void {
  open.push(borders.end)
  if (Array.isArray(value)) {
    for (let index = value.length - 1; index >= 0; index -= 1) open.push(value[index])
    open.push(borders.list)
  } else {
    for (const [name, member] of Object.entries(value).toReversed()) open.push(member, name)
    open.push(borders.members)
  }
}
