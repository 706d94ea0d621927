import type { Model } from '@anthology/catalog'
import type { ReactNode } from 'react'

import { modelsTexts } from '../../texts/models.ts'

export interface ModelLine {
  readonly title: string
  readonly cell: (model: Model) => ReactNode
}

interface ModelTableProps {
  readonly caption: string
  readonly models: readonly Model[]
  readonly lines: readonly ModelLine[]
  readonly isNumber?: boolean
}

/** Models as columns, their facts as lines. */
export function ModelTable({ caption, models, lines, isNumber = false }: ModelTableProps) {
  const className = isNumber ? 'number' : undefined
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={caption}>
      <table className="table model-table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{modelsTexts.feature}</th>
            {models.map(({ id, displayName }) => (
              <th key={id} scope="col" className={className}>
                {displayName}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map(({ title, cell }) => (
            <tr key={title}>
              <th scope="row">{title}</th>
              {models.map((model) => (
                <td key={model.id} className={className}>
                  {cell(model)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
