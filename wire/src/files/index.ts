export { pageFiles } from './files-page.ts'
export type { FilesPage, FilesQuery, PagedFiles } from './files-page.ts'
