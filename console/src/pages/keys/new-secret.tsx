import type { CreatedKey } from '../../api/keys.ts'
import { Code } from '../../parts/code.tsx'
import { Modal } from '../../parts/modal.tsx'
import { keyTexts } from '../../texts/manage.ts'

interface NewSecretProps {
  readonly created: CreatedKey
  readonly onClose: () => void
}

/** The secrets of a key, shown once after it was created or rotated. */
export function NewSecret({ created, onClose }: NewSecretProps) {
  const { aws_access_key_id: awsId, aws_secret_access_key: awsSecret } = created
  return (
    <Modal title={keyTexts.createdTitle} isOpen isFirm onClose={onClose}>
      <p>{keyTexts.createdLead}</p>
      <Code text={created.key} label={keyTexts.createdLabel} wraps />
      {awsSecret !== null && (
        <Code
          text={`AWS_ACCESS_KEY_ID=${awsId ?? ''}\nAWS_SECRET_ACCESS_KEY=${awsSecret}`}
          label={keyTexts.awsLabel}
          wraps
        />
      )}
      <div className="row end">
        <button type="button" className="button primary" onClick={onClose}>
          {keyTexts.done}
        </button>
      </div>
    </Modal>
  )
}
