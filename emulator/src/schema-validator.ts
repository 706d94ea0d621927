import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Options, ValidateFunction } from 'ajv/dist/2020.js'

/** Returns a function that compiles a schema when it is first called. Most processes never need it, and for all schemas it took a quarter of a start. */
export function createValidator<Value = unknown>(
  schema: object,
  options: Options,
): () => ValidateFunction<Value> {
  let validate: ValidateFunction<Value> | null = null
  return () => (validate ??= new Ajv2020(options).compile<Value>(schema))
}
