import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { repository } from './anthology-process.ts'

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: repository,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(repository, file)))
  .filter((file) => !['test/fixtures/', 'migrate/test/corpus/'].some((folder) => file.startsWith(folder)))
const code = files.filter((file) => /\.(?:ts|mjs)$/.test(file))
/** The changelog names what was renamed, and a benchmark's record is generated from its code. */
const pages = files.filter(
  (file) => file.endsWith('.md') && file !== 'CHANGELOG.md' && file !== 'docs/bench.md',
)

describe('names', () => {
  /**
   * Pet names that a standard term has replaced (the glossary is in ARCHITECTURE.md), as words of identifiers in any
   * case, such as `door` in `createBedrockDoor`.
   */
  const petNames = [
    'door',
    'leg',
    'seat',
    'fleet',
    'briefing',
    'bury',
    'desk',
    'lender',
    'urge',
    'lagging',
    'tally',
    'standstill',
    'utter',
    'utterance',
    'narrate',
    'narration',
    'playback',
    'repertoire',
    'rehearse',
    'gist',
    'fulfil',
    'outbox',
    'unacted',
    'intake',
    'corpus',
    'unseal',
    'fate',
    'modeled',
    'verdict',
    'ink',
    'circumstances',
    'burndown',
    'refusals',
    'refuse',
    'departed',
    'numbered',
    'preflight',
  ]
  /** CORS calls its first request a preflight, and the upgrade test translates the old names. */
  const exempt = (file: string, name: string) =>
    (name === 'preflight' && /\bcors\b/.test(file)) || file === 'test/upgrade.test.ts'

  test('no identifier has a pet name', () => {
    const found = code.flatMap((file) => {
      const words = new Set(
        [...readCode(file).matchAll(/[A-Za-z_$][\w$]*/g)].flatMap(([name]) => splitWords(name)),
      )
      return petNames
        .filter((name) => words.has(name) && !exempt(file, name))
        .map((name) => `${file}: ${name}`)
    })

    expect(found).toEqual([])
  })

  test('no old name is left where users read or type it', () => {
    const old = /\b(?:client_gone|upstream_died|anthology_refusals_total|anthology\.door|--by door|by door)\b/
    const holders =
      /^(?:test\/upgrade\.test\.ts|test\/language\.test\.ts|gateway\/src\/store\/sqlite\/migrations\.ts|gateway\/test\/store\/)/

    expect([...code, ...pages].filter((file) => old.test(read(file)) && !holders.test(file))).toEqual([])
  })

  test('upper bounds begin with max, lower ones with min', () => {
    const bound = /\b(?:const|readonly|let) (?:most|largest|longest|least|smallest|shortest)[A-Z]\w*/g

    expect(
      code.flatMap((file) => [...readCode(file).matchAll(bound)].map(([name]) => `${file}: ${name}`)),
    ).toEqual([])
  })

  test('functions are verbs: none is called after what its result belongs to', () => {
    const noun = /\bfunction (?:\w+Of|of)\b/g

    expect(
      code.flatMap((file) => [...readCode(file).matchAll(noun)].map(([name]) => `${file}: ${name}`)),
    ).toEqual([])
  })
})

describe('English', () => {
  const comments = splitSentences(code.flatMap((file) => findComments(read(file))))
  const prose = splitSentences(pages.flatMap((file) => findParagraphs(read(file))))

  /** A clause where a noun belongs: "What is refused how" in place of "The error for each limit". */
  const relativeOpening = /^(?:What|Who|Whoever|Whatever|Where|Whose|Whom|Of|How (?:long|often|much|many))\b/
  /** Code that speaks, hears, is born or dies, in place of code that sends, receives, starts or exits. */
  const personification =
    /\b(?:tells?|told|telling|hears?|heard|says?|said|speaks?|spoken?|born|bur(?:y|ied)|dear(?:er|est)?|whoever)\b/

  test.each([
    ['comments', comments],
    ['documents', prose],
  ] as const)('%s open with a subject and let code do what code does', (_, sentences) => {
    expect(sentences.length).toBeGreaterThan(500)
    expect(computeShare(sentences, relativeOpening)).toBeLessThan(0.01)
    expect(computeShare(sentences, personification)).toBeLessThan(0.015)
  })
})

function computeShare(sentences: readonly string[], pattern: RegExp): number {
  return sentences.filter((sentence) => pattern.test(sentence)).length / sentences.length
}

/** Sentences of four words or more; shorter ones are labels. */
function splitSentences(texts: readonly string[]): readonly string[] {
  return texts
    .flatMap((text) => text.split(/(?<=[.!?:;])\s+/))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence.split(/\s+/).length >= 4)
}

function findComments(source: string): readonly string[] {
  const blocks = [...source.matchAll(/\/\*\*?([\s\S]*?)\*\//g)].map(([, text = '']) => text)
  const lines = [...source.matchAll(/(?:^[ \t]*\/\/[^\n]*\n)+/gm)].map(([text]) => text)
  return [...blocks, ...lines].map((text) =>
    text
      .replaceAll(/^[ \t]*(?:\*|\/\/)[ \t]?/gm, '')
      .split('\n')
      .filter((line) => !line.trim().startsWith('@'))
      .join(' '),
  )
}

/** Paragraphs, list entries and table cells, without code. */
function findParagraphs(page: string): readonly string[] {
  return page
    .replaceAll(/```[\s\S]*?```/g, '')
    .replaceAll(/`[^`\n]*`/g, 'X')
    .split(/\n\s*\n|\n(?=[-*|#] )|\|/)
    .map((text) => text.replaceAll('\n', ' ').replace(/^[\s#*-]+/, ''))
}

function splitWords(name: string): readonly string[] {
  return name.split(/[_$\d]+|(?<=[a-z])(?=[A-Z])/).map((word) => word.toLowerCase())
}

/** A file without its comments and strings, near enough to look for names in it. */
function readCode(file: string): string {
  return read(file)
    .replaceAll(/\/\*[\s\S]*?\*\/|(?<![:'`])\/\/.*/g, '')
    .replaceAll(
      /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/(?![*/\s])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[dgimsuvy]*/g,
      '',
    )
}

function read(file: string): string {
  return readFileSync(join(repository, file), 'utf8')
}
