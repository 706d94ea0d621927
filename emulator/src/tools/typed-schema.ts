import type { Schema } from './json-schema.ts'

/**
 * The schema of the input of an Anthropic-defined client tool; null for a type that is not known. The schemas are built into
 * the models and are not published, so these have only what the pages of the tools state (docs.claude.com,
 * agents-and-tools/tool-use: bash-tool, text-editor-tool, computer-use-tool, memory-tool).
 */
export function getTypedSchema(type: string): Schema | null {
  if (type.startsWith('bash_')) return bash
  if (type.startsWith('text_editor_')) return earlierEditors.has(type) ? earlierEditor : editor
  if (type.startsWith('memory_')) return memory
  return type.startsWith('computer_') ? computer : null
}

const text = { type: 'string' } as const

const bash: Schema = {
  type: 'object',
  properties: { command: text, restart: { type: 'boolean' } },
  anyOf: [{ required: ['command'] }, { required: ['restart'] }],
}

/** The first versions name the inserted text as the replaced one, and can undo. */
const earlierEditors: ReadonlySet<string> = new Set(['text_editor_20241022', 'text_editor_20250124'])

const edits = {
  view: ['path'],
  create: ['path', 'file_text'],
  str_replace: ['path', 'old_str'],
} as const

const editor = createCommandSchema({ ...edits, insert: ['path', 'insert_line', 'insert_text'] })
const earlierEditor = createCommandSchema({
  ...edits,
  insert: ['path', 'insert_line', 'new_str'],
  undo_edit: ['path'],
})
const memory = createCommandSchema({
  ...edits,
  insert: ['path', 'insert_line', 'insert_text'],
  delete: ['path'],
  rename: ['old_path', 'new_path'],
})

const computer: Schema = { type: 'object', required: ['action'], properties: { action: text } }

/** Each command needs members of its own; other members are texts where they have these names. */
function createCommandSchema(commands: Readonly<Record<string, readonly string[]>>): Schema {
  return {
    type: 'object',
    required: ['command'],
    properties: {
      command: { enum: Object.keys(commands) },
      path: text,
      old_path: text,
      new_path: text,
      file_text: text,
      old_str: text,
      new_str: text,
      insert_text: text,
      insert_line: { type: 'integer' },
    },
    allOf: Object.entries(commands).map(([command, required]) => ({
      if: { properties: { command: { const: command } } },
      // oxlint-disable-next-line unicorn/no-thenable -- `then` is a keyword of JSON Schema.
      then: { required },
    })),
  }
}
