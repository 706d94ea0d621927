/** What the catalog throws: a mistake of the caller or in a model file, never a matter of the request looked at. */
export class CatalogError extends Error {
  readonly code: 'invalid_day' | 'invalid_price'

  constructor(code: CatalogError['code'], message: string) {
    super(message)
    this.name = 'CatalogError'
    this.code = code
  }
}
