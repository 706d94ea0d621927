import type { Context, LineReader } from '../command.ts'
import { bold, dim } from '../ansi-colors.ts'
import { alignColumns, wrapText } from '../table.ts'
import { hasThinking, createRequest, withModel } from './conversation.ts'
import type { Conversation } from './conversation.ts'
import { addCost, describeTotal, formatTurn, emptyBill } from './cost.ts'
import type { Bill } from './cost.ts'
import { describeEnding, exchange } from './exchange.ts'
import { readImage } from './image.ts'
import { findModel } from './server.ts'
import type { Server } from './server.ts'
import { parseLine, slashCommands } from './slash-command.ts'
import type { SlashName } from './slash-command.ts'

/** Runs an interactive conversation until the user leaves. */
export async function converse(context: Context, server: Server, start: Conversation): Promise<void> {
  const lines = context.openLines()
  const session: Session = { context, server, lines, conversation: start, bill: emptyBill, notice: null }
  const interrupts = watchInterrupts(context, lines)
  try {
    const { id } = await findModel(server, start.model)
    session.conversation = { ...start, model: id }
    context.out(
      `${bold(id, context)} at ${server.url}. ${dim('/help lists the commands, /quit leaves.', context)}`,
    )
    for (;;) {
      const line = await readQuestion(context, lines)
      interrupts.disarm()
      if (line === null || !(await handleLine(session, line, interrupts))) break
    }
  } finally {
    lines.close()
  }
  if (session.bill.turns > 0)
    context.out(dim(`The conversation cost ${describeTotal(session.bill)}.`, context))
}

interface Session {
  readonly context: Context
  readonly server: Server
  readonly lines: LineReader
  conversation: Conversation
  bill: Bill
  /** The last notice shown, so that an identical one is not repeated every turn. */
  notice: string | null
}

/** Reads the next message; a trailing backslash continues it on the next line. */
async function readQuestion(context: Context, lines: LineReader): Promise<string | null> {
  context.out('')
  let text = ''
  for (;;) {
    const line = await lines.readLine(text === '' ? '> ' : '. ')
    if (line === null) return null
    if (!line.endsWith('\\')) return text + line
    text += `${line.slice(0, -1)}\n`
  }
}

/** Handles one line of input; returns false to leave. Errors are printed, and the conversation continues. */
async function handleLine(session: Session, line: string, interrupts: Interrupts): Promise<boolean> {
  const parsed = parseLine(line)
  try {
    switch (parsed.kind) {
      case 'message':
        if (parsed.text !== '') await sendQuestion(session, parsed.text, interrupts)
        return true
      case 'unknown':
        session.context.out(
          `There is no command /${parsed.name}; /help lists all commands, and // sends a line that begins with a slash.`,
        )
        return true
      case 'command':
        if (parsed.name === 'quit') return false
        await runCommand(session, parsed.name, parsed.text)
        return true
    }
  } catch (error) {
    showProblem(session.context, error)
    return true
  }
}

async function sendQuestion(session: Session, question: string, interrupts: Interrupts): Promise<void> {
  const { context, server } = session
  const stop = new AbortController()
  interrupts.stopWith(() => stop.abort())
  let shown = ''
  const onText = (text: string): void => {
    shown += text
    context.write(withoutControls(text))
  }
  try {
    const { conversation, answer, cost } = await exchange(server, session.conversation, question, {
      signal: stop.signal,
      onText,
    })
    if (shown !== '' && !shown.endsWith('\n')) context.write('\n')
    const ending = describeEnding(answer, { maxTokens: createRequest(session.conversation).max_tokens })
    session.conversation = conversation
    const notes = ending === null ? [] : [ending]
    if (answer.notice !== null && answer.notice !== session.notice) notes.push(withoutControls(answer.notice))
    session.notice = answer.notice
    if (cost !== null) {
      session.bill = addCost(session.bill, cost)
      notes.push(formatTurn(cost, session.bill, answer.ending !== 'whole'))
    }
    for (const note of notes)
      for (const text of wrapText(note, context.columns - 2)) context.out(dim(`  ${text}`, context))
  } finally {
    interrupts.stopWith(null)
  }
}

async function runCommand(
  session: Session,
  command: Exclude<SlashName, 'quit'>,
  text: string,
): Promise<void> {
  const { context, conversation } = session
  switch (command) {
    case 'model':
      return text === '' ? context.out(`The model is ${conversation.model}.`) : changeModel(session, text)
    case 'image': {
      if (text === '') return context.out('Which image? /image PATH adds one to the next turn.')
      const image = await readImage(text, context.cwd)
      session.conversation = { ...conversation, images: [...conversation.images, image] }
      return context.out(`The next turn includes ${counted(session.conversation.images.length, 'image')}.`)
    }
    case 'system':
      session.conversation = { ...conversation, system: text === '' ? null : text }
      return context.out(
        text === '' ? 'The system prompt is removed.' : 'The system prompt applies from the next turn on.',
      )
    case 'cost':
      return context.out(`${counted(session.bill.turns, 'turn')}, ${describeTotal(session.bill)} in all.`)
    case 'clear':
      session.conversation = { ...conversation, messages: [], images: [] }
      return context.out('The conversation is cleared; model, system prompt and cost remain.')
    case 'help':
      return help(context)
  }
}

async function changeModel(session: Session, name: string): Promise<void> {
  const { context, server, conversation } = session
  const { id, displayName } = await findModel(server, name)
  const dropsThinking = id !== conversation.model && hasThinking(conversation)
  session.conversation = id === conversation.model ? conversation : withModel(conversation, id)
  const thinking = dropsThinking ? ' It does not receive the thinking of the previous model.' : ''
  context.out(`The model is now ${displayName} (${id}).${thinking}`)
}

function help(context: Context): void {
  const rows = slashCommands.map(({ name, value, help: text }) => [`  /${`${name} ${value}`.trim()}`, text])
  for (const line of alignColumns(rows)) context.out(line)
  context.out('  A line that ends with \\ continues on the next line. Ctrl-C stops an answer.')
}

function showProblem(context: Context, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  context.err(withoutControls(`anthology: ${message}`))
  if (error instanceof Error && 'hint' in error && typeof error.hint === 'string') context.err(error.hint)
}

interface Interrupts {
  /** Sets the function that Ctrl-C calls while an answer is streaming; null for none. */
  stopWith(stop: (() => void) | null): void
  /** After new input the next Ctrl-C counts as the first one again. */
  disarm(): void
}

/** The first Ctrl-C stops the current answer, or prints a warning; the second one leaves. */
function watchInterrupts(context: Context, lines: LineReader): Interrupts {
  let stop: (() => void) | null = null
  let armed = false
  lines.onInterrupt(() => {
    if (armed) lines.close()
    else if (stop === null) context.out('\nPress Ctrl-C again to leave.')
    stop?.()
    armed = true
  })
  return {
    stopWith(given) {
      stop = given
    },
    disarm() {
      armed = false
    },
  }
}

/** An answer may contain any character; control characters must not reach the terminal. */
export function withoutControls(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '')
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
