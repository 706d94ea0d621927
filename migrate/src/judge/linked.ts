import type { Platform } from '@anthology/catalog'

import { findExported } from '../find/constants.ts'
import { listImportedRequests } from '../find/imported-requests.ts'
import { listAssignedRanges } from '../find/assignments.ts'
import { findNamedPlatform, findPlatform, findPlatformOfFile } from '../find/platform.ts'
import type { Request } from '../find/request.ts'
import { mayBeModel } from '../find/scan-file.ts'
import type { Place, ScannedFile } from '../find/scan-file.ts'
import type { Segment } from '../find/segments.ts'
import type { Move } from '../move.ts'
import type { Program } from '../program.ts'
import { listEnclosing } from '../syntax/enclosing.ts'

/** A request, and the constant of another file that is its model. */
export interface Use {
  readonly request: Request
  readonly segment: Segment
  /** The file of the request. */
  readonly user: ScannedFile
  /** The file of the constant. */
  readonly module: ScannedFile
  readonly definition: Place
}

/** Lists the requests of a file whose models are constants of other files. */
export function listImportingUses(user: ScannedFile, program: Program): readonly Use[] {
  if (!program.importsModel(user.path)) return []
  return collectUses(user, (specifier) => {
    const path = program.findModule(user.path, specifier)
    return path === null ? null : program.scan(path)
  })
}

/** Lists the requests of other files whose models are constants of this file. */
export function listUses(module: ScannedFile, program: Program): readonly Use[] {
  return program.listImporters(module.path).flatMap((path) => {
    const user = program.scan(path)
    if (user === null) return []
    return collectUses(user, (specifier) =>
      program.findModule(path, specifier) === module.path ? module : null,
    )
  })
}

function collectUses(
  user: ScannedFile,
  findModule: (specifier: string) => ScannedFile | null,
): readonly Use[] {
  return listImportedRequests(user).flatMap(({ request, segment, names }): readonly Use[] => {
    for (const { specifier, names: path } of names) {
      const module = findModule(specifier)
      const definition = module === null ? null : findDefinition(module, path)
      if (module !== null && definition !== null) return [{ request, segment, user, module, definition }]
    }
    return []
  })
}

/** The only name in the value of a constant. */
function findDefinition({ segments, places }: ScannedFile, names: readonly string[]): Place | null {
  for (const segment of segments) {
    const range =
      segment.source.language.layout === 'code' && segment.role === 'code'
        ? findExported(segment.source, names)
        : null
    if (range === null) continue
    const [only, ...more] = places.filter(
      (place) =>
        place.segment === segment &&
        place.name.start >= range.start &&
        place.name.end <= range.end &&
        mayBeModel(place),
    )
    if (only !== undefined && more.length === 0) return only
  }
  return null
}

/** The object of a settings file that holds a name, with those around it; null: the file itself. */
function findSection({ name, segment: { source } }: Place): string | null {
  if (source.language.name !== 'json' && source.language.layout !== 'yaml') return null
  const groups = listEnclosing(source, name.start)
  // The last one is the file; an address in it belongs to another section.
  const outermost = groups.filter(({ kind }) => kind === '{' || kind === 'mapping').at(-2)
  return outermost === undefined ? null : source.text.slice(outermost.start, outermost.end)
}

/** The platform of the client that sends a request, made in place or once in the file. */
function findClientPlatform({ callee, source }: Request): Platform | null {
  const inPlace = findNamedPlatform(callee)
  const root = /^(?:self\.|this\.)?(?<name>[A-Za-z_]\w*)\./.exec(callee.replace(/^(?:await|return)\s+/, ''))
    ?.groups?.['name']
  if (inPlace !== null || root === undefined) return inPlace
  const [range, ...more] = listAssignedRanges(source, root)
  return range === undefined || more.length > 0
    ? null
    : findNamedPlatform(source.text.slice(range.start, range.end))
}

/** The platform of a constant: that of its own file, or of the library of a file that uses it. */
export function findUsedPlatform(
  file: ScannedFile,
  place: Place,
  { uses, move }: { readonly uses: readonly Use[]; readonly move: Move },
): Platform {
  const scope = findSection(place) ?? file.text
  const own = findPlatform(place.name, file.text, move.platform, scope)
  if (own === 'bedrock' || move.platform !== undefined) return own
  const [client] = place.requests.map(findClientPlatform).filter((platform) => platform !== null)
  if (client !== undefined && client !== 'bedrock') return client
  if (own !== 'anthropic') return own
  return uses.map(({ user }) => findPlatformOfFile(user.text)).find((each) => each !== own) ?? own
}
