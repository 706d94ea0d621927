import { getKeyOwner } from '../../api/session.ts'
import { exampleContent } from './content.ts'
import type { Content } from './content.ts'
import { toMembers } from './members.ts'
import { readContent } from './prompts/saved-content.ts'

/** Of this tab, or of all tabs and later ones. */
type Place = 'sessionStorage' | 'localStorage'

const keys: Readonly<Record<Place, string>> = {
  localStorage: 'anthology.playground',
  sessionStorage: 'anthology.playground.replaced',
}

/** The content on which the user works in this browser; the example without any. */
export function loadContent(): Content {
  return load('localStorage') ?? exampleContent
}

/** The content that was replaced in this tab; null: none was. */
export function loadReplaced(): Content | null {
  return load('sessionStorage')
}

export function keepContent(content: Content): void {
  keep('localStorage', content)
}

export function keepReplaced(content: Content | null): void {
  if (content === null) sessionStorage.removeItem(keys.sessionStorage)
  else keep('sessionStorage', content)
}

function load(place: Place): Content | null {
  try {
    const kept: unknown = JSON.parse(window[place].getItem(keys[place]) ?? 'null')
    // It may be a conversation that another user of this browser may not see.
    return toMembers(kept)['owner'] === getKeyOwner() ? readContent(kept) : null
  } catch {
    return null
  }
}

/** One that is too large for the browser is kept without its files, then without its rows, and else not at all. */
function keep(place: Place, content: Content): void {
  const turns = content.draft.turns.map((turn) => ({
    ...turn,
    blocks: turn.blocks.filter(({ kind }) => kind !== 'file'),
  }))
  const small = { ...content, draft: { ...content.draft, turns } }
  const isKept = [content, small, { ...small, rows: [] }].some((one) => store(place, one))
  if (!isKept) window[place].removeItem(keys[place])
}

function store(place: Place, content: Content): boolean {
  try {
    window[place].setItem(keys[place], JSON.stringify({ ...content, owner: getKeyOwner() }))
    return true
  } catch {
    return false
  }
}
