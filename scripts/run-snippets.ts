// Runs the Python, Go, Java and Kotlin code that the console prints, with the real SDKs, against a gateway in front of the emulator:
// `node scripts/run-snippets.ts`. The packages come from PyPI, the Go module proxy and Maven Central, with pip, go and mvn.
// For every program it prints that it ran, or why it did not. The exit code is 1 if one ran and was not answered.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

import { models } from '@anthology/catalog'

import { createCodeRequest } from '../console/src/pages/playground/code/code-request.ts'
import { printCode } from '../console/src/pages/playground/code/print-code.ts'
import type { Language } from '../console/src/pages/playground/code/print-code.ts'
import { clientGuides } from '../console/src/texts/start.ts'
import { startConsoleServer } from '../console/test/console-server.ts'
import type { ConsoleServer } from '../console/test/console-server.ts'
import { hasProgram } from '../console/test/programs.ts'

const execute = promisify(execFile)

const versions = {
  anthropic: '2.14.0',
  'langchain-anthropic': '1.7.10',
  go: 'v1.84.0',
  java: '3.14.0',
  kotlin: '2.2.20',
} as const

/** The programs of one language, which share the packages. */
interface Toolchain {
  /** Programs with the arguments that show whether the machine has them. */
  readonly needs: readonly (readonly [program: string, ...args: string[]])[]
  /** Installs the packages into the folder. */
  readonly install: (folder: string) => Promise<unknown>
  /** The files of a program, whose code comes from the console. */
  readonly programs: readonly Program[]
}

interface Program {
  readonly name: string
  readonly print: (server: ConsoleServer) => string
  /** Runs a program in the folder and returns its output. */
  readonly run: (folder: string, text: string, env: Environment) => Promise<string>
  /** A part of the output of an answered call. */
  readonly answer: RegExp
}

type Environment = Readonly<Record<string, string>>

const python: Toolchain = {
  needs: [['python3', '-m', 'venv', '--help']],
  async install(folder) {
    await start('python3', ['-m', 'venv', 'venv'], folder)
    const packages = ['anthropic', 'langchain-anthropic'] as const
    const wanted = packages.map(
      (name) => `${name === 'anthropic' ? 'anthropic[vertex]' : name}==${versions[name]}`,
    )
    await start('venv/bin/pip', ['install', '--quiet', ...wanted], folder)
  },
  programs: [
    createGuide('Python', runPython, (text) => `${text}\nprint(message.stop_reason)\n`),
    createGuide('Vertex AI', runPython, (text) => `${text}\nprint(message.stop_reason)\n`),
    createGuide('LangChain', runPython, (text) =>
      text
        .replace('chat.invoke', 'answer = chat.invoke')
        .concat('\nprint(answer.response_metadata["stop_reason"])\n'),
    ),
    ...createCodes('Python', runPython),
  ],
}

const go: Toolchain = {
  needs: [['go', 'version']],
  async install(folder) {
    await start('go', ['mod', 'init', 'snippets'], folder)
    await start('go', ['get', `github.com/anthropics/anthropic-sdk-go@${versions.go}`], folder)
  },
  programs: [
    createGuide(
      'Go',
      runGo,
      (text) => `package main

import (
	"context"
	"fmt"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
)

func main() {
	ctx := context.Background()
${text}
	if err != nil {
		panic(err)
	}
	fmt.Println(message.StopReason)
}
`,
    ),
    ...createCodes('Go', runGo),
  ],
}

const java: Toolchain = {
  needs: [
    ['javac', '-version'],
    ['mvn', '-version'],
  ],
  async install(folder) {
    writeFileSync(join(folder, 'pom.xml'), pom)
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath'
    await start('mvn', ['--quiet', goal, '-Dmdep.outputFile=classpath.txt'], folder)
  },
  programs: [
    createGuide(
      'Java',
      runJava,
      (text) => `import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.messages.*;

public class Snippet {
  public static void main(String[] args) {
${text}
    System.out.println(message.stopReason());
    System.exit(0);
  }
}
`,
    ),
    createGuide(
      'Kotlin',
      runKotlin,
      (text) => `import com.anthropic.client.okhttp.AnthropicOkHttpClient
import com.anthropic.models.messages.*
import kotlin.system.exitProcess

fun main() {
${text}
    println(message.stopReason())
    exitProcess(0)
}
`,
    ),
    ...createCodes('Java', (folder, text, env) =>
      runJava(folder, text.replace('class Call', 'public class Snippet'), env),
    ),
    ...createCodes('Java, HTTP', (folder, text, env) => runJava(folder, wrapStatements(text), env)),
  ],
}

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>snippets</groupId>
  <artifactId>snippets</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.anthropic</groupId>
      <artifactId>anthropic-java</artifactId>
      <version>${versions.java}</version>
    </dependency>
    <dependency>
      <groupId>org.jetbrains.kotlin</groupId>
      <artifactId>kotlin-compiler-embeddable</artifactId>
      <version>${versions.kotlin}</version>
    </dependency>
  </dependencies>
</project>
`

/** Languages whose SDKs this script does not install; console/test/snippets.test.ts checks what it can of their code. */
const others = [
  ['Ruby', 'ruby'],
  ['PHP', 'php'],
  ['C#', 'dotnet'],
] as const

let failures = 0
const server = await startConsoleServer()
try {
  for (const toolchain of [python, go, java]) await runToolchain(toolchain)
  for (const [name, program] of others) {
    const isThere = await hasProgram(program, '--version')
    const reason = isThere ? 'this script does not install its SDK' : `the machine has no ${program}`
    console.log(`start page and playground, ${name}: not run, because ${reason}`)
  }
} finally {
  await server.close()
}
process.exitCode = failures === 0 ? 0 : 1

async function runToolchain({ needs, install, programs }: Toolchain): Promise<void> {
  const found = await Promise.all(needs.map(([program, ...args]) => hasProgram(program, ...args)))
  const missing = needs.find((_need, at) => found[at] !== true)?.[0]
  const folder = mkdtempSync(join(tmpdir(), 'anthology-snippets-'))
  try {
    const problem =
      missing === undefined
        ? await install(folder).then(() => null, getFirstLine)
        : `the machine has no ${missing}`
    for (const program of programs)
      if (problem !== null) console.log(`${program.name}: not run, because ${problem}`)
      else console.log(`${program.name}: ${await runProgram(program, folder)}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function runProgram({ print, run, answer }: Program, folder: string): Promise<string> {
  try {
    const output = await run(folder, print(server), { ANTHOLOGY_KEY: server.key })
    const found = answer.exec(output)?.[0]
    if (found !== undefined) return `ran, and was answered (${found})`
    failures += 1
    return `ran, and was not answered:\n${output}`
  } catch (error) {
    failures += 1
    return `failed: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** A snippet of the start page. */
function createGuide(name: string, run: Program['run'], wrap: (snippet: string) => string): Program {
  const guide = clientGuides.find((one) => one.name === name)
  if (guide === undefined) throw new Error(`the start page has no snippet for ${name}`)
  const print = ({ url, key }: ConsoleServer) => wrap(guide.snippet(url, key))
  return { name: `start page, ${name}`, print, run, answer: /end_turn/ }
}

/** The code of the playground, for a whole answer and for a stream. */
function createCodes(language: Language, run: Program['run']): readonly Program[] {
  const model = models.find(({ id }) => id === 'claude-sonnet-4-5-20250929')
  if (model === undefined) throw new Error('the catalog has no such model')
  return [false, true].map((stream) => ({
    name: `playground, ${language}, ${stream ? 'stream' : 'whole answer'}`,
    run,
    answer: /"?stop_?[rR]eason"?\s*[:=]\s*"?end_turn/,
    print({ url }) {
      const body = {
        model: model.id,
        max_tokens: 512,
        stream,
        system: 'Say "hi"\n`#{1}` $HOME \\u0041 """ 😀',
        messages: [{ role: 'user', content: 'Hello, Claude' }],
      }
      const result = createCodeRequest({ target: 'gateway', model, body, betas: [], gatewayUrl: url })
      if (!result.ok) throw new Error(`the gateway cannot have the request: ${result.because}`)
      return printCode(language, result.request)
    },
  }))
}

function runPython(folder: string, text: string, env: Environment): Promise<string> {
  writeFileSync(join(folder, 'snippet.py'), text)
  return start('venv/bin/python', ['snippet.py'], folder, env)
}

async function runGo(folder: string, text: string, env: Environment): Promise<string> {
  mkdirSync(join(folder, 'program'), { recursive: true })
  writeFileSync(join(folder, 'program/main.go'), text)
  await start('go', ['mod', 'tidy'], folder)
  return start('go', ['run', './program'], folder, env)
}

async function runJava(folder: string, text: string, env: Environment): Promise<string> {
  writeFileSync(join(folder, 'Snippet.java'), text)
  const classpath = ['.', readFileSync(join(folder, 'classpath.txt'), 'utf8').trim()].join(delimiter)
  await start('javac', ['-encoding', 'UTF-8', '-cp', classpath, 'Snippet.java'], folder)
  return start('java', ['-cp', classpath, 'Snippet'], folder, env)
}

async function runKotlin(folder: string, text: string, env: Environment): Promise<string> {
  writeFileSync(join(folder, 'snippet.kt'), text)
  const classpath = ['.', readFileSync(join(folder, 'classpath.txt'), 'utf8').trim()].join(delimiter)
  const compiler = 'org.jetbrains.kotlin.cli.jvm.K2JVMCompiler'
  const options = ['-no-stdlib', '-nowarn', '-d', '.', '-classpath', classpath]
  await start('java', ['-cp', classpath, compiler, ...options, 'snippet.kt'], folder)
  return start('java', ['-cp', classpath, 'SnippetKt'], folder, env)
}

/** For plain HTTP the playground prints imports and the statements of a method. */
function wrapStatements(text: string): string {
  const lines = text.split('\n')
  const isImport = (line: string) => line.startsWith('import ')
  const statements = lines.filter((line) => !isImport(line)).join('\n')
  return `${lines.filter(isImport).join('\n')}

public class Snippet {
  public static void main(String[] args) throws Exception {
${statements}
  }
}
`
}

async function start(
  program: string,
  args: readonly string[],
  folder: string,
  env: Environment = {},
): Promise<string> {
  const path = program.includes('/') ? join(folder, program) : program
  const { stdout } = await execute(path, [...args], { cwd: folder, env: { ...process.env, ...env } })
  return stdout
}

function getFirstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0] ?? ''
}
