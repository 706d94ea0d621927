import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { restoreReturn, signIn, takeLinkToken, takeSignInProblem } from './api/session.ts'
import { queryClient } from './app/query-client.ts'
import { router } from './app/router.tsx'
import { setLinkProblem } from './app/sign-in.tsx'
import { shellTexts } from './texts/shell.ts'
import './style/tokens.css'
import './style/base.css'
import './style/layout.css'
import './style/parts.css'

const problem = takeSignInProblem()
if (problem !== null) setLinkProblem(shellTexts.signIn.problems[problem])

const token = takeLinkToken()

// The two above have read the fragment, which the address that was kept may have too.
restoreReturn()

if (token !== null)
  try {
    queryClient.setQueryData(['session'], await signIn({ token }))
  } catch (error) {
    setLinkProblem(
      `${shellTexts.signIn.linkFailed}: ${error instanceof Error ? error.message : String(error)}`,
    )
  }

const root = document.getElementById('root')
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  )
