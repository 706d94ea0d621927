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

function createEditorInput(type: string, question: string, hints: readonly Hint[]): Input {
  const path = listTexts(hints, 'path')[0] ?? 'example.txt'
  const texts = listTexts(hints, 'quoted', 'code').filter((text) => text !== path)
  const [one, other] = texts
  if (/\bundo\b/i.test(question) && /2024|20250124/.test(type)) return { command: 'undo_edit', path }
  if (/\binsert\b/i.test(question)) {
    const member = /2024|20250124/.test(type) ? 'new_str' : 'insert_text'
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
  const place = /\(?\b(\d{1,4})\s*[,x]\s*(\d{1,4})\b\)?/.exec(question)
  const coordinate = place ? [Number(place[1]), Number(place[2])] : null
  const [text] = listTexts(hints, 'quoted', 'code')
  if (coordinate && /\bdouble[- ]?click/i.test(question)) return { action: 'double_click', coordinate }
  if (coordinate && /\bright[- ]?click/i.test(question)) return { action: 'right_click', coordinate }
  if (coordinate && /\bclick/i.test(question)) {
    // The first version clicks at the mouse position, so the mouse moves first.
    return type === 'computer_20241022'
      ? { action: 'mouse_move', coordinate }
      : { action: 'left_click', coordinate }
  }
  if (coordinate && /\bmove/i.test(question)) return { action: 'mouse_move', coordinate }
  if (coordinate && /\bscroll/i.test(question) && type !== 'computer_20241022') {
    const direction = /\b(up|down|left|right)\b/i.exec(question)?.[1]?.toLowerCase() ?? 'down'
    return { action: 'scroll', coordinate, scroll_direction: direction, scroll_amount: 3 }
  }
  if (text !== undefined && /\bpress\b/i.test(question)) return { action: 'key', text }
  if (text !== undefined && /\btype\b/i.test(question)) return { action: 'type', text }
  return { action: 'screenshot' }
}

function listTexts(hints: readonly Hint[], ...kinds: readonly Hint['kind'][]): readonly string[] {
  return hints.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text)
}
