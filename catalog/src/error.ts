/** Thrown for a mistake of the caller or in a model file, never because of the request being checked. */
export class CatalogError extends Error {
  readonly code: 'invalid_day' | 'invalid_price'

  constructor(code: CatalogError['code'], message: string) {
    super(message)
    this.name = 'CatalogError'
    this.code = code
  }
}
