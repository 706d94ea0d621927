import { listEnclosing } from '../syntax/enclosing.ts'
import { getTokenText } from '../syntax/source.ts'
import type { Source } from '../syntax/source.ts'
import type { Token } from '../syntax/tokenize.ts'

/** The answer of a condition for a model's name. */
export type NameTest = (name: string) => boolean

/** Reads the test that code makes with a text, from the call or the operator around it. Null: a broken pattern. */
export function readTest(source: Source, token: Token, text: string): NameTest | null {
  if (token.kind === 'regex') return readPattern(text, source.text.slice(token.contentEnd + 1, token.end))
  const callee = listEnclosing(source, token.start)[0]?.callee ?? ''
  if (testsStart.test(callee)) return (name) => name.startsWith(text)
  if (testsEnd.test(callee)) return (name) => name.endsWith(text)
  if (testsPattern.test(callee)) return readPattern(unquotePattern(text), 'i')
  const wildcards = readWildcards(source, text)
  if (wildcards !== null) return readPattern(wildcards, '')
  if (testsPart.test(callee) || isBeforeIn(source, token)) return (name) => name.includes(text)
  return (name) => name === text
}

/** Functions by the end of their callee, such as `model.startsWith` and `strings.HasPrefix`. */
const testsStart = /(?:startsWith|startswith|start_with\?|starts_with|hasPrefix|HasPrefix|StartsWith)$/
const testsEnd = /(?:endsWith|endswith|EndsWith|HasSuffix|ends_with|end_with\?)$/
const testsPattern =
  /(?:match|match\?|matches|Match|MatchString|test|search|compile|MustCompile|Regex|RegExp)$/
const testsPart = /(?:includes|include\?|contains|Contains|strpos|indexOf|index_of|IndexOf|fnmatch)$/

/** A pattern in a string has its backslashes twice, and delimiters in PHP: `"/claude-\\d/i"`. */
function unquotePattern(text: string): string {
  return text.replaceAll('\\\\', '\\').replace(/^[/#~]|[/#~][a-z]*$/g, '')
}

/** The wildcards of SQL's `LIKE` and of a shell, as a regular expression. */
function readWildcards({ language }: Source, text: string): string | null {
  const escaped = text.replaceAll('.', '\\.')
  if (language.name === 'sql' && text.includes('%'))
    return `^${escaped.replaceAll('%', '.*').replaceAll('_', '.')}$`
  if (language.name === 'shell' && /[*?]/.test(text))
    return `^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`
  return null
}

/** `"opus" in model` */
function isBeforeIn(source: Source, token: Token): boolean {
  return getTokenText(source, source.tokens[source.tokens.indexOf(token) + 1]) === 'in'
}

function readPattern(text: string, flags: string): NameTest | null {
  try {
    const pattern = new RegExp(text, flags.replaceAll(/[^imsu]/g, ''))
    return (name) => pattern.test(name)
  } catch {
    return null
  }
}
