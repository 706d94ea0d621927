import type { CodeRequest } from './code-request.ts'
import { printCsharpCode, printCurlCode, printJavaCode, printPhpCode } from './http-code.ts'
import { printGoCode, printPythonCode, printRubyCode, printTypeScriptCode } from './sdk-code.ts'

export type Language = keyof typeof printers

const printers = {
  curl: printCurlCode,
  TypeScript: printTypeScriptCode,
  Python: printPythonCode,
  Java: printJavaCode,
  Go: printGoCode,
  Ruby: printRubyCode,
  'C#': printCsharpCode,
  PHP: printPhpCode,
} as const satisfies Record<string, (request: CodeRequest) => string>

export const languages = Object.keys(printers) as readonly Language[] // The keys of the table.

/** Prints a program that sends the request. Betas are safe text: the API accepts only lists of names. */
export function printCode(language: Language, request: CodeRequest): string {
  const betas = request.betas.filter((beta) => /^[\w.-]+$/.test(beta))
  const headers = request.http.headers.filter(([, value]) => /^[\w.,/-]+$/.test(value))
  return printers[language]({ ...request, betas, http: { ...request.http, headers } })
}
