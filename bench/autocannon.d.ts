/** The part of autocannon that the benchmark uses. Its published types depend on another version of Node's types. */
declare module 'autocannon' {
  export interface Request {
    readonly method?: string
    readonly path?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string | Buffer
  }

  export interface Options extends Omit<Request, 'path'> {
    readonly url: string
    readonly connections?: number
    readonly duration?: number
    readonly amount?: number
    readonly timeout?: number
    readonly requests?: readonly (Request & {
      /** Returns the request to send; called before each one. */
      readonly setupRequest?: (request: Request) => Request
    })[]
  }

  /** Numbers of responses, and of connections that failed or timed out. */
  export interface Result {
    readonly '2xx': number
    readonly non2xx: number
    readonly errors: number
  }

  export default function autocannon(options: Options): Promise<Result>
}
