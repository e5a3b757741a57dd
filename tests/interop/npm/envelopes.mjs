/**
 * What the @openid4vc libraries do not do by themselves: ask for signed metadata, encrypt credential requests and
 * open encrypted responses (OpenID4VCI 1.0, 12.2.2 and 10). Their own messages go through unchanged.
 */
import { CompactEncrypt, compactDecrypt, decodeJwt, importJWK } from 'jose'

import { newKey, publicPart } from './crypto.mjs'

const WELL_KNOWN = '/.well-known/openid-credential-issuer'
const [ALG, ENC] = ['ECDH-ES', 'A256GCM']

/**
 * A fetch that asks for signed metadata, or puts credential messages into envelopes: where that is wished, and
 * where the issuer takes no others.
 */
export function fetchingWith({ signedMetadata = false, encrypted = false } = {}, fetching = fetch) {
  const issuers = new Map()
  return async (input, init = {}) => {
    const { pathname } = new URL(input)
    if (pathname.startsWith(WELL_KNOWN)) {
      const response = await fetching(input, { ...init, ...(signedMetadata && { headers: { accept: 'application/jwt' } }) })
      if (response.ok) note(issuers, await response.clone().text())
      return response
    }
    const issuer = issuers.get(`${input}`)
    const isSealed = issuer && (encrypted || issuer.credential_response_encryption?.encryption_required)
    return isSealed ? enveloped(fetching, input, init, issuer) : fetching(input, init)
  }
}

/** Remembers whose endpoints these are; metadata are JSON, or that inside a JWT. */
function note(issuers, text) {
  const metadata = text.startsWith('{') ? JSON.parse(text) : decodeJwt(text)
  issuers.set(metadata.credential_endpoint, metadata)
  if (metadata.deferred_credential_endpoint) issuers.set(metadata.deferred_credential_endpoint, metadata)
}

async function enveloped(fetching, input, init, { credential_request_encryption: offered }) {
  const [recipient] = offered.jwks.keys
  const key = { ...(await newKey()), kid: 'for-this-request' }
  const body = {
    ...JSON.parse(init.body),
    // `alg` beside the key is the name of old drafts, which their own schema still demands.
    credential_response_encryption: {
      jwk: { ...publicPart(key), kid: key.kid, alg: ALG, use: 'enc' }, alg: ALG, enc: ENC,
    },
  }
  const jwe = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(body)))
    .setProtectedHeader({ alg: recipient.alg, enc: ENC, kid: recipient.kid })
    .encrypt(await importJWK(recipient, recipient.alg))
  const headers = new Headers(init.headers)
  headers.set('content-type', 'application/jwt')
  const response = await fetching(input, { ...init, headers, body: jwe })
  if (!response.headers.get('content-type')?.startsWith('application/jwt')) return response
  const { plaintext, protectedHeader } = await compactDecrypt(await response.text(), await importJWK(key, ALG))
  if (protectedHeader.kid !== key.kid) throw new Error('the envelope does not say which key it is for')
  const opened = new Response(plaintext, { status: response.status, headers: { 'content-type': 'application/json' } })
  return Object.assign(opened, { wasSealed: true })
}
