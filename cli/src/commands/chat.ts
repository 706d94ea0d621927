import type { Conversation } from '../chat/conversation.ts'
import { readImage } from '../chat/image.ts'
import { readServer } from '../chat/server.ts'
import { converse } from '../chat/session.ts'
import { answerLines, answerOnce } from '../chat/single-turns.ts'
import { UsageError, getText, listTexts } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { dataOptions } from '../settings.ts'

/** Neither the most expensive nor the smallest model; a server may offer others. */
const usualModel = 'claude-sonnet-5-5'

export const command: Command = {
  name: 'chat',
  summary: 'Chat with a model through a running server',
  usage: '[QUESTION | -] [--model NAME] [--system TEXT] [--image FILE ...]',
  example: 'anthology chat --model opus --system "Answer in one sentence."',
  options: {
    ...dataOptions,
    url: {
      type: 'string',
      value: 'URL',
      help: 'the server (default http://127.0.0.1:7171, or as configured)',
    },
    key: {
      type: 'string',
      value: 'KEY',
      help: "its key (ANTHOLOGY_KEY, default the data folder's local key)",
    },
    model: {
      type: 'string',
      short: 'm',
      value: 'NAME',
      help: `model, by any of its names (default ${usualModel})`,
    },
    system: { type: 'string', short: 's', value: 'TEXT', help: 'system prompt' },
    'max-tokens': {
      type: 'string',
      value: 'N',
      help: 'maximum length of an answer (default 8192, or the maximum of the model)',
    },
    image: { type: 'string', short: 'i', value: 'FILE', multiple: true, help: 'an image for the first turn' },
  },
  async run(context, values, positionals) {
    const question = await readQuestion(context, positionals)
    const start = await readStart(context, values)
    const server = readServer(context, values)
    const json = values['json'] === true
    if (question !== null) return answerOnce(context, { server, start, json }, question)
    if (!context.stdinIsTty || json) return answerLines(context, { server, start, json })
    await converse(context, server, start)
    return 0
  },
}

/** The question from the command line, with standard input in place of `-`; null if there is none. */
async function readQuestion(context: Context, positionals: readonly string[]): Promise<string | null> {
  if (positionals.length === 0) return null
  const piped = positionals.includes('-') ? await context.stdin() : ''
  const question = positionals
    .map((word) => (word === '-' ? piped : word))
    .join(' ')
    .trim()
  if (question !== '') return question
  throw new UsageError('the question is empty', 'For example: anthology chat "What is a ledger?"')
}

async function readStart(context: Context, values: Values): Promise<Conversation> {
  const images = []
  for (const path of listTexts(values, 'image')) images.push(await readImage(path, context.cwd))
  return {
    model: getText(values, 'model') ?? usualModel,
    system: getText(values, 'system') ?? null,
    maxTokens: readMaxTokens(getText(values, 'max-tokens')),
    messages: [],
    images,
  }
}

function readMaxTokens(text: string | undefined): number | null {
  if (text === undefined) return null
  const count = Number(text.replaceAll(/[,_]/g, ''))
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new UsageError(
    `--max-tokens must be a whole number above 0, not ${JSON.stringify(text.slice(0, 40))}`,
    'For example --max-tokens 4096.',
  )
}
