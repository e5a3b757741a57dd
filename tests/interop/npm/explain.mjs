/**
 * Says what went wrong inside the libraries, in one flat object.
 *
 * The libraries wrap the server's answer in several error classes; the tests want the HTTP status and the
 * OAuth error code, wherever they are.
 */
export async function explain(error) {
  const response = error.response?.response ?? error.response
  return {
    name: error.constructor?.name ?? 'Error',
    message: error.message,
    cause: error.cause?.message,
    status: response?.status,
    url: response?.url,
    body: await bodyOf(error, response),
  }
}

async function bodyOf(error, response) {
  if (error.errorResponse) return error.errorResponse
  const { credentialErrorResponseResult, deferredCredentialErrorResponseResult, notificationErrorResponseResult } =
    error.response ?? {}
  const parsed =
    credentialErrorResponseResult ?? deferredCredentialErrorResponseResult ?? notificationErrorResponseResult
  if (parsed?.success) return parsed.data
  if (typeof response?.clone !== 'function' || response.bodyUsed) return undefined
  return response.clone().text()
}
