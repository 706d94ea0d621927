import { evaluate } from './arithmetic.ts'
import { createFailedRound, createRound } from './round.ts'
import type { Round } from './round.ts'
import type { ServerTool } from './server-tool.ts'

/** A task that the model gives to the tool. */
export type CodeTask =
  | { readonly kind: 'python'; readonly code: string }
  | { readonly kind: 'bash'; readonly command: string }
  | { readonly kind: 'create'; readonly path: string; readonly text: string }
  | { readonly kind: 'view'; readonly path: string; readonly text: string | null }
  | { readonly kind: 'replace'; readonly path: string; readonly text: string | null; readonly change: Change }

export interface Change {
  readonly old: string
  readonly new: string
}

/**
 * Emulates code execution in the shapes of its versions (docs.claude.com, agents-and-tools/tool-use/code-execution-tool):
 * the first runs Python, the later ones Bash and a text editor. Plain arithmetic is actually evaluated.
 */
export function runCode(task: CodeTask, { version }: ServerTool): Round {
  if (task.kind === 'create') {
    const { path, text } = task
    const content = { type: 'text_editor_code_execution_create_result', is_file_update: false }
    const input = { command: 'create', path, file_text: text }
    return createRound('text_editor_code_execution', input, content, { text: `created ${path}` })
  }
  if (task.kind === 'view') return createViewRound(task.path, task.text)
  if (task.kind === 'replace') return createReplaceRound(task.path, task.text, task.change)
  if (task.kind === 'bash' && version !== firstVersion)
    return createCodeRound('bash', { command: task.command }, { stdout: notRun, stderr: '', return_code: 0 })
  const code = task.kind === 'python' ? task.code : task.command
  const output = runLines(code)
  if (version === firstVersion) return createCodeRound('python', { code }, output)
  return createCodeRound('bash', { command: `python3 -c ${quote(code)}` }, output)
}

/** Later versions run Python through Bash. */
export const firstVersion = '20250522'

interface Output {
  readonly stdout: string
  readonly stderr: string
  readonly return_code: number
}

function createCodeRound(language: 'python' | 'bash', input: Round['input'], output: Output): Round {
  const name = language === 'python' ? 'code_execution' : 'bash_code_execution'
  const type = `${name}_result`
  return createRound(name, input, { type, ...output, content: [] }, { text: output.stdout || output.stderr })
}

function runLines(code: string): Output {
  let stdout = ''
  for (const line of code.split('\n').filter((text) => text.trim() !== '')) {
    const value = evaluate(/^\s*print\((.*)\)\s*$/.exec(line)?.[1] ?? line)
    if (value === null) return { stdout: notRun, stderr: '', return_code: 0 }
    if ('error' in value)
      return { stdout, stderr: `Traceback (most recent call last):\n${value.error}\n`, return_code: 1 }
    stdout += `${value.text}\n`
  }
  return { stdout: stdout || notRun, stderr: '', return_code: 0 }
}

const notRun = 'This code was not run: the emulator evaluates arithmetic only.\n'

function createViewRound(path: string, text: string | null): Round {
  const input = { command: 'view', path }
  if (text === null) return createFailedRound('text_editor_code_execution', input, 'file_not_found')
  const lines = text.replace(/\n$/, '').split('\n').length
  const type = 'text_editor_code_execution_view_result'
  const position = { num_lines: lines, start_line: 1, total_lines: lines }
  const content = { type, file_type: 'text', content: text, ...position }
  return createRound('text_editor_code_execution', input, content, { text })
}

/** Replaces the first occurrence of a text and returns the changed lines as a diff. */
function createReplaceRound(path: string, text: string | null, change: Change): Round {
  const input = { command: 'str_replace', path, old_str: change.old, new_str: change.new }
  const at = text === null ? -1 : text.indexOf(change.old)
  if (text === null) return createFailedRound('text_editor_code_execution', input, 'file_not_found')
  if (at === -1) return createFailedRound('text_editor_code_execution', input, 'invalid_tool_input')
  const start = text.slice(0, at).split('\n').length
  const lineStart = text.lastIndexOf('\n', at - 1) + 1
  const lineEnd = findLineEnd(text, at + change.old.length)
  const before = text.slice(lineStart, lineEnd)
  const after = text.slice(lineStart, at) + change.new + text.slice(at + change.old.length, lineEnd)
  const [oldLines, newLines] = [before.split('\n'), after.split('\n')]
  const content = {
    type: 'text_editor_code_execution_str_replace_result',
    old_start: start,
    old_lines: oldLines.length,
    new_start: start,
    new_lines: newLines.length,
    lines: [...oldLines.map((line) => `-${line}`), ...newLines.map((line) => `+${line}`)],
  }
  return createRound('text_editor_code_execution', input, content, { text: `replaced in ${path}` })
}

function findLineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
