import { listImportedNames } from './find/imported-requests.ts'
import { listModulePaths } from './find/imports.ts'
import { scanFile } from './find/scan-file.ts'
import type { ScannedFile } from './find/scan-file.ts'

/** Files that import constants from each other. Paths are relative to one folder. */
export interface Program {
  /** Null for a file that is not part of the program, or that is not judged. */
  readonly scan: (path: string) => ScannedFile | null
  /** The path of a module that a file imports; null: it is not part of the program. */
  readonly findModule: (path: string, specifier: string) => string | null
  /** True if requests of the file may have a constant of another file as their model. */
  readonly importsModel: (path: string) => boolean
  /** The files with requests whose model may be a constant of this file. */
  readonly listImporters: (path: string) => readonly string[]
}

/** Which files import constants from which. */
export interface ProgramLinks {
  /** By path and specifier, the path of the module. */
  readonly modules: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** By path of the module, the files that import from it. */
  readonly importers: ReadonlyMap<string, readonly string[]>
}

/** A file that is judged alone. */
export const noProgram: Program = {
  scan: () => null,
  findModule: () => null,
  importsModel: () => false,
  listImporters: () => [],
}

/** The specifiers of modules that a file may take the model of a request from. */
export function listModelModules(path: string, text: string): readonly string[] {
  return [...new Set(listImportedNames(path, text).map(({ specifier }) => specifier))]
}

/** Connects files by the modules that they take models from. */
export function linkFiles(
  imported: ReadonlyMap<string, readonly string[]>,
  has: (path: string) => boolean,
): ProgramLinks {
  const modules = new Map<string, Map<string, string>>()
  const importers = new Map<string, string[]>()
  for (const [path, specifiers] of imported)
    for (const specifier of specifiers) {
      const module = listModulePaths(path, specifier).find((each) => each !== path && has(each))
      if (module === undefined) continue
      modules.set(path, (modules.get(path) ?? new Map<string, string>()).set(specifier, module))
      const known = importers.get(module) ?? []
      if (!known.includes(path)) importers.set(module, [...known, path])
    }
  return { modules, importers }
}

/** Creates a program whose files are read when they are needed. */
export function createLinkedProgram(
  { modules, importers }: ProgramLinks,
  read: (path: string) => string | null,
): Program {
  const scanned = new Map<string, ScannedFile | null>()
  return {
    scan: (path) => {
      const known = scanned.get(path)
      if (known !== undefined) return known
      const text = read(path)
      const file = text === null ? null : scanFile(path, text)
      scanned.set(path, file)
      return file
    },
    findModule: (path, specifier) => modules.get(path)?.get(specifier) ?? null,
    importsModel: (path) => modules.has(path),
    listImporters: (path) => importers.get(path) ?? [],
  }
}

/** Creates a program from the texts of its files. */
export function createProgram(files: ReadonlyMap<string, string>): Program {
  const imported = new Map([...files].map(([path, text]) => [path, listModelModules(path, text)] as const))
  return createLinkedProgram(
    linkFiles(imported, (path) => files.has(path)),
    (path) => files.get(path) ?? null,
  )
}
