import type { Hint } from './hints.ts'

type Input = Readonly<Record<string, unknown>>

/** Whether a question requests an Anthropic-defined tool. */
export function requestsTypedTool(type: string, question: string): boolean {
  const kind = type.replace(/_\d{8}$/, '')
  return requestPatterns[kind]?.test(question) ?? false
}

const requestPatterns: Readonly<Record<string, RegExp>> = {
  bash: /\b(?:bash|shell|terminal|command line)\b|\b(?:run|execute)\b[^.?!]{0,40}(?:`|\bcommand\b|\bscript\b)/i,
  text_editor:
    /\b(?:edit|create|write|open|view|read|change|replace|fix|insert|show)\b[^?!]{0,80}(?:\bfile\b|[\w/-]+\.[a-z]{1,4}\b)/i,
  computer: /\b(?:screenshot|click|scroll|screen|desktop|mouse)\b|\btype ["“']/i,
  memory: /\b(?:remember|memory|memorise|memorize|recall)\b/i,
}

/**
 * Creates an input in the documented shape for an Anthropic-defined client tool (docs.claude.com,
 * agents-and-tools/tool-use: bash-tool, text-editor-tool, computer-use-tool, memory-tool).
 */
export function makeTypedInput(type: string, question: string, hints: readonly Hint[]): Input {
  if (type.startsWith('bash')) return { command: listTexts(hints, 'code', 'quoted')[0] ?? 'ls -la' }
  if (type.startsWith('text_editor')) return createEditorInput(type, question, hints)
  if (type.startsWith('memory')) return createMemoryInput(question, hints)
  return createComputerInput(type, question, hints)
}

/** The versions of 2024 and of January 2025 undo edits, and call the inserted text `new_str`. */
const oldEditor = /2024|20250124/

function createEditorInput(type: string, question: string, hints: readonly Hint[]): Input {
  const path = listTexts(hints, 'path')[0] ?? 'example.txt'
  const [one, other] = listTexts(hints, 'quoted', 'code').filter((text) => text !== path)
  if (/\bundo\b/i.test(question) && oldEditor.test(type)) return { command: 'undo_edit', path }
  if (/\binsert\b/i.test(question)) {
    const member = oldEditor.test(type) ? 'new_str' : 'insert_text'
    const line = Number(/\bline (\d{1,6})\b/i.exec(question)?.[1] ?? 0)
    return { command: 'insert', path, insert_line: line, [member]: `${one ?? 'Sample line.'}\n` }
  }
  if (
    one !== undefined &&
    other !== undefined &&
    /\b(?:replace|change|edit|fix|rename|with)\b/i.test(question)
  )
    return { command: 'str_replace', path, old_str: one, new_str: other }
  if (/\b(?:create|write|save|new file)\b/i.test(question))
    return { command: 'create', path, file_text: `${one ?? 'Sample text.'}\n` }
  return { command: 'view', path }
}

function createMemoryInput(question: string, hints: readonly Hint[]): Input {
  if (!/\b(?:remember that|memori[sz]e|save|store|note)\b/i.test(question))
    return { command: 'view', path: '/memories' }
  const text = listTexts(hints, 'quoted')[0] ?? question.trim().slice(0, 500)
  return { command: 'create', path: '/memories/notes.txt', file_text: `${text}\n` }
}

function createComputerInput(type: string, question: string, hints: readonly Hint[]): Input {
  const coordinate = readCoordinate(question)
  const pointed = coordinate === null ? null : createPointerInput(type, question, coordinate)
  if (pointed !== null) return pointed
  const [text] = listTexts(hints, 'quoted', 'code')
  const action = findAction(keyboardActions, question)
  return text === undefined || action === null ? { action: 'screenshot' } : { action, text }
}

/** `(100, 200)` or `100x200` */
function readCoordinate(question: string): readonly [number, number] | null {
  const found = /\(?\b(\d{1,4})\s*[,x]\s*(\d{1,4})\b\)?/.exec(question)
  return found === null ? null : [Number(found[1]), Number(found[2])]
}

interface Action {
  readonly action: string
  readonly requested: RegExp
}

/** Actions at a position. The first match wins: a double click is also a click. */
const pointerActions: readonly Action[] = [
  { action: 'double_click', requested: /\bdouble[- ]?click/i },
  { action: 'right_click', requested: /\bright[- ]?click/i },
  { action: 'left_click', requested: /\bclick/i },
  { action: 'mouse_move', requested: /\bmove/i },
  { action: 'scroll', requested: /\bscroll/i },
]

const keyboardActions: readonly Action[] = [
  { action: 'key', requested: /\bpress\b/i },
  { action: 'type', requested: /\btype\b/i },
]

function findAction(actions: readonly Action[], question: string): string | null {
  return actions.find(({ requested }) => requested.test(question))?.action ?? null
}

/** Null: the question requests no action at a position, or one that this version of the tool does not have. */
function createPointerInput(
  type: string,
  question: string,
  coordinate: readonly [number, number],
): Input | null {
  const isFirstVersion = type === 'computer_20241022'
  const action = findAction(pointerActions, question)
  if (action === null || (action === 'scroll' && isFirstVersion)) return null
  if (action === 'scroll') {
    const direction = /\b(up|down|left|right)\b/i.exec(question)?.[1]?.toLowerCase() ?? 'down'
    return { action, coordinate, scroll_direction: direction, scroll_amount: 3 }
  }
  // The first version clicks at the mouse position, so the mouse moves first.
  if (action === 'left_click' && isFirstVersion) return { action: 'mouse_move', coordinate }
  return { action, coordinate }
}

function listTexts(hints: readonly Hint[], ...kinds: readonly Hint['kind'][]): readonly string[] {
  return hints.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text)
}
