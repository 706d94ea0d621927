import { readFileSync } from 'node:fs'

/**
 * Reads a text file, without its byte order mark: programs of Windows write one, and PowerShell 5 redirects output as
 * UTF-16. Throws the error of the file system.
 */
export function readTextFile(path: string): string {
  const bytes = readFileSync(path)
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return new TextDecoder().decode(bytes)
}
