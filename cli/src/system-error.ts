/** An error of the operating system as a sentence for the user, with the next step. */
export interface SystemError {
  readonly message: string
  readonly hint: string
  /** True if the command was given a wrong file, folder or address; false for a problem of the machine. */
  readonly isWrongUse: boolean
}

/** Null for errors that are neither of the operating system nor of SQLite. */
export function explainSystemError(error: unknown): SystemError | null {
  if (error instanceof Error && 'errcode' in error) return explainSqlite(Number(error.errcode), error.message)
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return null
  const code = String(error.code)
  const place = 'path' in error ? String(error.path) : null
  if (place !== null && error.syscall !== 'listen') return explainFile(code, place)
  // Reading a folder fails without its path.
  if (code === 'EISDIR') return explainFile(code, 'the given path')
  const address = 'address' in error ? String(error.address) : null
  const host = 'hostname' in error ? String(error.hostname) : null
  return explainAddress(code, address ?? host ?? place ?? '', 'port' in error ? String(error.port) : null)
}

function explainFile(code: string, path: string): SystemError | null {
  const found = fileErrors[code]
  if (found === undefined) return null
  const [problem, hint, isWrongUse = true] = found
  return { message: problem.replace('PATH', path), hint, isWrongUse }
}

/** SQLite's messages name no file. The low byte of a result code is its class. */
function explainSqlite(code: number, message: string): SystemError | null {
  const hint = sqliteHints[code & 0xff]
  return hint === undefined
    ? null
    : { message: `the database cannot be used: ${message}`, hint, isWrongUse: false }
}

const checkAccess =
  'Check that this user may write the files that you named and their folders, and that the disk is not read-only.'

/** By result code: BUSY, READONLY, IOERR, FULL and CANTOPEN. */
const sqliteHints: Readonly<Record<number, string | undefined>> = {
  5: 'Another process writes it. Try again in a moment.',
  8: checkAccess,
  10: 'Check the disk: anthology doctor.',
  13: 'Free some space, and try again.',
  14: checkAccess,
}

type Row = readonly [problem: string, hint: string, isWrongUse?: boolean]

const fileErrors: Readonly<Record<string, Row | undefined>> = {
  ENOENT: ['there is no file or folder PATH', 'Give the path of an existing one.'],
  EACCES: [
    'this user may not use PATH',
    'Change its permissions or its owner, or give another file or folder.',
  ],
  EPERM: ['this user may not change PATH', 'Change its owner, or give another file or folder.'],
  EROFS: ['PATH is on a file system that cannot be written', 'Give a file or folder on another one.'],
  EISDIR: ['PATH is a folder, not a file', 'Give the path of a file.'],
  ENOTDIR: ['a part of PATH is a file, not a folder', 'Give a path whose parts are folders.'],
  EEXIST: ['PATH exists and is not a folder', 'Give the path of a folder, or of one that can be created.'],
  ELOOP: ['PATH is a link to itself', 'Give the path of a file or folder.'],
  ENAMETOOLONG: ['PATH is too long for a path', 'Give a shorter one.'],
  ENOSPC: ['the disk of PATH is full', 'Free some space, and try again.', false],
  EDQUOT: ['the disk quota for PATH is used up', 'Free some space, and try again.', false],
  EMFILE: ['too many files are open to open PATH', 'Raise the limit of open files (ulimit -n).', false],
}

function explainAddress(code: string, address: string, port: string | null): SystemError | null {
  const place = port === null ? address : `port ${port} on ${address}`
  switch (code) {
    case 'EADDRINUSE':
      return {
        message: `${place} is in use`,
        hint: 'Stop the process that uses it, or choose another port with --port.',
        isWrongUse: false,
      }
    case 'EADDRNOTAVAIL':
      return {
        message: `${address} is not an address of this machine`,
        hint: 'Use 127.0.0.1, 0.0.0.0 for all its addresses, or one of them with --host.',
        isWrongUse: true,
      }
    case 'EACCES':
      return {
        message: `this user may not listen on ${place}`,
        hint: 'Choose a port above 1023 with --port.',
        isWrongUse: true,
      }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return {
        message: `there is no address ${JSON.stringify(address)}`,
        hint: 'Use 127.0.0.1, 0.0.0.0 for all addresses of this machine, or one of them with --host.',
        isWrongUse: true,
      }
    default:
      return null
  }
}
