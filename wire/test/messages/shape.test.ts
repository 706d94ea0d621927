import { describe, expect, test } from 'vitest'

import {
  findProblem,
  list,
  literal,
  optional,
  orNull,
  record,
  required,
  tagged,
  text,
} from '../../src/messages/shape.ts'

const pet = tagged({
  cat: record({ type: required(text), lives: required({ kind: 'integer', min: 1, max: 9 }) }),
  dog: record({ type: required(text), name: orNull(text) }),
})

describe('findProblem', () => {
  test('adds the tag to the path', () => {
    expect(findProblem({ type: 'cat', lives: 10 }, pet, 'pets.0')).toEqual({
      path: 'pets.0.cat.lives',
      message: 'Input should be less than or equal to 9',
    })
  })

  test('distinguishes null from missing', () => {
    expect(findProblem({ type: 'dog', name: null }, pet)).toBeNull()
    expect(findProblem({ type: 'dog' }, pet)).toBeNull()
    expect(findProblem({ type: 'cat', lives: null }, pet)?.path).toBe('cat.lives')
  })

  test('reports in the order of the shape, and extras last', () => {
    const shape = record({ first: required(text), second: optional(text) })

    expect(findProblem({ extra: 1, second: 2 }, shape)).toEqual({ path: 'first', message: 'Field required' })
    expect(findProblem({ extra: 1, first: 'a', second: 2 }, shape)?.path).toBe('second')
    expect(findProblem({ extra: 1, first: 'a' }, shape)?.path).toBe('extra')
  })

  test('lists choices as a sentence', () => {
    expect(findProblem('d', literal('a', 'b', 'c'))?.message).toBe("Input should be 'a', 'b' or 'c'")
    expect(findProblem('d', literal('a'))?.message).toBe("Input should be 'a'")
  })

  test('checks the length of a list', () => {
    expect(findProblem(['a', 'b'], list(text, 1))?.message).toBe(
      'List should have at most 1 item after validation, not 2',
    )
  })

  test('an inherited member does not count as present', () => {
    expect(findProblem({}, record({ toString: required(text) }))?.message).toBe('Field required')
  })
})
