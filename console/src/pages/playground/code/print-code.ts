import type { CodeRequest, MessagesTarget, Target } from './code-request.ts'
import { printCsharpHttp, printCurlCode, printJavaHttp, printPhpHttp } from './http-code.ts'
import { printCsharpCode, printGoCode, printJavaCode, printPhpCode } from './json-sdk-code.ts'
import {
  printConversePython,
  printConverseTypeScript,
  printOpenaiPython,
  printOpenaiTypeScript,
} from './other-api-code.ts'
import { printPythonCode, printRubyCode, printTypeScriptCode } from './sdk-code.ts'
import type { MessagesRequest } from './sdk-code.ts'

/** Languages with the SDK of the API, and plain HTTP. */
export type Language = keyof typeof sdks | keyof typeof http

const sdks = {
  TypeScript: printTypeScriptCode,
  Python: printPythonCode,
  Java: printJavaCode,
  Go: printGoCode,
  Ruby: printRubyCode,
  'C#': printCsharpCode,
  PHP: printPhpCode,
} as const satisfies Record<string, (request: MessagesRequest) => string>

const http = {
  curl: printCurlCode,
  'Java, HTTP': printJavaHttp,
  'C#, HTTP': printCsharpHttp,
  'PHP, HTTP': printPhpHttp,
} as const satisfies Record<string, (request: CodeRequest) => string>

/** The languages of the SDKs for the other APIs. */
const otherSdks = {
  openai: { TypeScript: printOpenaiTypeScript, Python: printOpenaiPython },
  converse: { TypeScript: printConverseTypeScript, Python: printConversePython },
} as const

type Printer = (request: CodeRequest) => string

function listPrinters(target: Target): Readonly<Record<string, Printer>> {
  const { curl, ...plain } = http
  if (!isMessagesTarget(target)) return { curl, ...otherSdks[target], ...plain }
  const own = Object.entries(sdks).map(
    ([name, print]) => [name, (request: CodeRequest) => print({ ...request, target })] as const,
  )
  return { curl, ...Object.fromEntries(own), ...plain }
}

function isMessagesTarget(target: Target): target is MessagesTarget {
  return target !== 'openai' && target !== 'converse'
}

export function listLanguages(target: Target): readonly Language[] {
  return Object.keys(listPrinters(target)) as readonly Language[] // The keys of the tables above.
}

/** Prints a program that sends the request. Betas are safe text: the API accepts only lists of names. */
export function printCode(language: Language, request: CodeRequest): string {
  const betas = request.betas.filter((beta) => /^[\w.-]+$/.test(beta))
  const headers = request.http.headers.filter(([, value]) => /^[\w.,/-]+$/.test(value))
  const print = listPrinters(request.target)[language] ?? printCurlCode
  return print({ ...request, betas, http: { ...request.http, headers } })
}
