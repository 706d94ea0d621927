/** A PDF of empty pages, as a string with one character per byte. */
export function pdf(pages: number): string {
  const kids = Array.from({ length: pages }, (_, page) => `${page + 3} 0 R`)
  const objects = [
    '1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n',
    `2 0 obj\n<< /Type /Pages /Kids [${kids.join(' ')}] /Count ${pages} >>\nendobj\n`,
    ...kids.map((_, page) => `${page + 3} 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n`),
  ]
  return `%PDF-1.4\n${objects.join('')}trailer\n<< /Root 1 0 R >>\n%%EOF\n`
}
